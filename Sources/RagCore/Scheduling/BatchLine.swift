/// The texts of one lane and class of a `BatchQueue`, in the order in which they go.
///
/// Two arrays: `arrivals` grows; `sweep` is taken from its end. When the sweep is empty, all
/// arrivals become the next one: reversed for queries, which makes a first-in-first-out queue, and
/// sorted by length for ingest, which puts long texts with long ones without letting any wait for
/// more than two sweeps.
struct BatchLine<Lane: Hashable & Sendable>: Sendable {
    typealias Queue = BatchQueue<Lane>

    private let priority: Queue.Priority
    private var sweep: [Queue.Item] = []
    private var arrivals: [Queue.Item] = []
    private var abandonedCount = 0

    /// Texts of requests that still want them.
    private(set) var waitingCount = 0

    /// The step in which this line was last served; 0 before the first.
    var lastStep: UInt64 = 0

    init(_ priority: Queue.Priority) {
        self.priority = priority
    }

    /// The text that goes next, which its request may have abandoned.
    var first: Queue.Item? {
        mutating get {
            if sweep.isEmpty { startSweep() }
            return sweep.last
        }
    }

    /// Arrival of the text that goes next, in a line of queries the oldest one's.
    var oldestArrival: UInt64 {
        (sweep.last ?? arrivals.first)?.arrival ?? .max
    }

    /// Whether abandoned texts take more room than waiting ones.
    var isMostlyAbandoned: Bool { abandonedCount > waitingCount }

    mutating func append(_ item: Queue.Item) {
        arrivals.append(item)
        waitingCount += 1
    }

    mutating func removeFirst(isWaiting: Bool) {
        sweep.removeLast()
        if isWaiting { waitingCount -= 1 } else { abandonedCount -= 1 }
    }

    /// `count` texts somewhere in the line are no longer wanted.
    mutating func abandon(_ count: Int) {
        waitingCount -= count
        abandonedCount += count
    }

    /// Drops the abandoned texts, so that a line does not grow with requests that come and go.
    mutating func purge(keeping isWaiting: (Queue.Item) -> Bool) {
        sweep.removeAll { !isWaiting($0) }
        arrivals.removeAll { !isWaiting($0) }
        abandonedCount = 0
    }

    private mutating func startSweep() {
        switch priority {
        case .query:
            sweep = arrivals.reversed()
        case .ingest:
            // Taken from the end: ascending length, and among equals the oldest last.
            sweep = arrivals.sorted {
                ($0.tokenCount, $1.arrival) < ($1.tokenCount, $0.arrival)
            }
        }
        arrivals.removeAll(keepingCapacity: true)
    }
}
