import RagHTTP

/// Counts what became of the files of one ingest.
struct IngestSummary: CustomStringConvertible {
    let fileCount: Int
    var skippedCount = 0
    private(set) var failedCount = 0
    private(set) var chunkCount = 0
    private var countsByStatus: [String: Int] = [:]

    init(fileCount: Int) {
        self.fileCount = fileCount
    }

    /// Files that are done with, one way or another.
    var seenCount: Int { skippedCount + countsByStatus.values.reduce(0, +) }

    mutating func add(_ outcome: OutcomeReply) {
        countsByStatus[outcome.status, default: 0] += 1
        chunkCount += outcome.chunks
        if outcome.error != nil { failedCount += 1 }
    }

    var description: String {
        let statuses = ["created", "updated", "unchanged", "failed"]
        let counts = statuses.map { "\(countsByStatus[$0, default: 0]) \($0)" }
        return (counts + ["\(skippedCount) skipped", "\(chunkCount) chunks"])
            .joined(separator: ", ")
    }
}
