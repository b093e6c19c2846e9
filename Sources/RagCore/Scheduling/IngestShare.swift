/// Keeps a thread from giving all of its time to queries while ingest waits.
///
/// Queries go before ingest, at once. For the time that they take, the thread owes ingest a quarter
/// of it; once `debtMax` has run up, it takes no query until the debt is paid. Waiting ingest texts
/// therefore get at least a fifth of every thread's time under any load of queries, and a query
/// that comes now and then never waits for a debt.
///
/// A value without clocks: the thread tells it what its time went to.
package struct IngestShare: Sendable {
    /// Time of ingest for so many times as much of queries.
    package static let queryTimePerIngestTime = 4

    /// What may be owed before queries have to wait.
    ///
    /// With 2 ms, a burst of 8 ms of queries, some half dozen, passes without a stop; and a query
    /// that has to wait does so for little longer than one takes.
    package static let debtMax = Duration.milliseconds(2)

    private var debt = Duration.zero

    /// Whether ingest that waits goes before queries that wait.
    package private(set) var isDue = false

    package init() {}

    /// Queries took so long while ingest waited.
    package mutating func queriesTook(_ duration: Duration) {
        debt += duration / Self.queryTimePerIngestTime
        if debt >= Self.debtMax { isDue = true }
    }

    /// Ingest had so long.
    package mutating func ingestTook(_ duration: Duration) {
        debt = max(.zero, debt - duration)
        if debt == .zero { isDue = false }
    }
}
