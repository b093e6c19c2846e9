import GRDB

/// The writes that wait, and which of them go into the next transaction: a value, no locks, no clock.
struct PendingJobs {
    /// What is done after the commit.
    typealias Acknowledgement = @Sendable () -> Void

    /// One write.
    struct Job: Sendable {
        /// Whether it needs a transaction of its own, after everything before it was applied.
        var isAlone: Bool
        /// The statements.
        var body: @Sendable (Database) throws -> Acknowledgement
        /// Tells whoever waits that nothing was written.
        var fail: @Sendable (VectorStoreError) -> Void
    }

    /// How many writes share a transaction: enough to hide a flush, few enough that the first caller
    /// does not wait long for the last one's statements.
    static let batchCountMax = 64

    private var jobs: [Job] = []

    var count: Int { jobs.count }
    var isEmpty: Bool { jobs.isEmpty }

    mutating func append(_ job: Job) {
        jobs.append(job)
    }

    /// Takes the first job, with those behind it that may share its transaction, in order.
    mutating func nextBatch() -> [Job] {
        let batch: ArraySlice<Job>
        if jobs.first?.isAlone == true {
            batch = jobs.prefix(1)
        } else {
            batch = jobs.prefix(Self.batchCountMax).prefix { !$0.isAlone }
        }
        defer { jobs.removeFirst(batch.count) }
        return Array(batch)
    }
}
