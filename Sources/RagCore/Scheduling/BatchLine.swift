/// The texts of one lane and class of a `BatchQueue`, in the order in which they go.
///
/// Two arrays: `arrivals` grows; `sweep` is taken from its end. When the sweep is empty, all
/// arrivals become the next one: reversed for queries, which makes a first-in-first-out queue, and
/// sorted by length for ingest, which puts long texts with long ones without letting any wait for
/// more than two sweeps.
struct BatchLine: Sendable {
    private let priority: BatchPriority
    private var sweep: [BatchText] = []
    private var arrivals: [BatchText] = []
    private var abandonedCount = 0

    /// Texts that somebody still wants.
    private(set) var waitingCount = 0

    /// The step in which this line was last served, or made.
    var lastStep: UInt64

    init(_ priority: BatchPriority, step: UInt64) {
        self.priority = priority
        lastStep = step
    }

    /// The text that goes next, which may have been abandoned.
    var first: BatchText? {
        mutating get {
            if sweep.isEmpty { startSweep() }
            return sweep.last
        }
    }

    /// The text that goes next, in a line of queries the oldest one.
    var oldest: BatchTextID {
        (sweep.last ?? arrivals.first)?.id ?? BatchTextID(.max)
    }

    /// Whether abandoned texts take more room than waiting ones.
    var isMostlyAbandoned: Bool { abandonedCount > waitingCount }

    mutating func append(_ text: BatchText) {
        arrivals.append(text)
        waitingCount += 1
    }

    mutating func removeFirst(isWaiting: Bool) {
        sweep.removeLast()
        if isWaiting { waitingCount -= 1 } else { abandonedCount -= 1 }
    }

    /// A text somewhere in the line is no longer wanted.
    mutating func abandonOne() {
        waitingCount -= 1
        abandonedCount += 1
    }

    /// Drops the abandoned texts, so that a line does not grow with requests that come and go.
    mutating func purge(keeping isWaiting: (BatchTextID) -> Bool) {
        sweep.removeAll { !isWaiting($0.id) }
        arrivals.removeAll { !isWaiting($0.id) }
        abandonedCount = 0
    }

    private mutating func startSweep() {
        switch priority {
        case .query:
            sweep = arrivals.reversed()
        case .ingest:
            // Taken from the end: ascending length, and among equals the oldest last.
            sweep = arrivals.sorted { ($0.tokenCount, $1.id) < ($1.tokenCount, $0.id) }
        }
        arrivals.removeAll(keepingCapacity: true)
    }
}
