import ModelHub

/// How far a pull has come, from its events.
struct PullTotals {
    /// Bytes of all files, nil before they are known.
    private(set) var byteCount: Int?
    /// Bytes that are there.
    private(set) var heldByteCount = 0
    /// The file that has its turn.
    private(set) var path = ""
    private var finishedByteCount = 0
    private var fileByteCount = 0

    /// Takes an event in.
    mutating func add(_ event: PullEvent) {
        switch event {
        case .resolved, .retrying: break
        case .planned(_, let count, let held):
            byteCount = count
            heldByteCount = held
        case .started(let path, let count, let held):
            self.path = path
            fileByteCount = count
            heldByteCount = finishedByteCount + held
        case .received(_, let count):
            heldByteCount = finishedByteCount + count
        case .finished:
            finishedByteCount += fileByteCount
            heldByteCount = finishedByteCount
        }
    }
}
