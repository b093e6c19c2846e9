import Foundation
import GRDB
import Kernels

/// The only way to change the database: a thread that commits whatever waits in one transaction.
///
/// Group commit: a transaction costs one flush of the disk however many writes it holds, so all that
/// wait go together, each in its own savepoint, and one that fails does not take the others along.
/// After the commit each write is applied to the in-memory index, then its caller resumes: what is
/// acknowledged is on disk and is found by the next search.
///
///     caller A: prepare ── enqueue ─────────────── resumes
///     caller B:     prepare ── enqueue ─────────── resumes
///     thread:                     └ begin A B commit ┘ apply A, B
///
/// Thread safety: a dedicated thread runs all jobs, since SQLite and the index block and compute;
/// `state` is guarded by `condition`.
final class CommitQueue: @unchecked Sendable {
    /// What a write leaves to be done once it is committed.
    struct Change<Value: Sendable>: Sendable {
        /// What the caller gets.
        var value: Value
        /// Brings what is in memory up to date.
        var apply: @Sendable () -> Void

        init(_ value: Value, apply: @escaping @Sendable () -> Void = {}) {
            self.value = value
            self.apply = apply
        }
    }

    private let file: DatabaseFile
    private let pendingMax: Int
    /// Gives disk space back, a bounded step a call; returns whether there is more to do.
    private let idleStep: @Sendable (Database) throws -> Bool

    // `condition` guards everything below.
    private let condition = NSCondition()
    private var pending = PendingJobs()
    private var isClosing = false
    private var isFinished = false
    private var mayReclaim = true
    private var closers: [CheckedContinuation<Void, Never>] = []

    /// How long the queue has to be empty before disk space is given back.
    private static let idleSeconds = 0.5

    init(
        file: DatabaseFile,
        pendingMax: Int,
        idleStep: @escaping @Sendable (Database) throws -> Bool
    ) {
        self.file = file
        self.pendingMax = pendingMax
        self.idleStep = idleStep
        let thread = Thread { [self] in
            TimeSlice.long.request()
            run()
        }
        thread.name = "ragd.commit"
        thread.start()
    }

    /// Runs `body` in a savepoint of the next transaction and returns its value once that is on disk
    /// and applied.
    ///
    /// - Parameters:
    ///   - isAlone: gives `body` a transaction that begins after every earlier write was applied, and
    ///     holds nothing else.
    ///   - body: the statements; what they leave to be done in memory is part of what it returns.
    /// - Returns: the value of what `body` returned.
    /// - Throws: what `body` throws; `overloaded` when too many writes wait; `closed`; `io` or
    ///   `corrupted` when the transaction fails, and then nothing of it is in the file.
    func perform<Value: Sendable>(
        isAlone: Bool = false,
        _ body: @escaping @Sendable (Database) throws -> Change<Value>
    ) async throws(VectorStoreError) -> Value {
        let result: Result<Value, VectorStoreError> = await withCheckedContinuation { caller in
            enqueue(
                PendingJobs.Job(
                    isAlone: isAlone,
                    body: { db in
                        let change = try body(db)
                        return {
                            change.apply()
                            caller.resume(returning: .success(change.value))
                        }
                    },
                    fail: { caller.resume(returning: .failure($0)) }
                ),
                isBounded: true
            )
        }
        return try result.get()
    }

    /// Adds work that nobody waits for: a failure is passed to `failed`.
    func schedule(
        isAlone: Bool,
        _ body: @escaping @Sendable (Database) throws -> Change<Void>,
        failed: @escaping @Sendable (VectorStoreError) -> Void
    ) {
        let job = PendingJobs.Job(
            isAlone: isAlone,
            body: { db in try body(db).apply },
            fail: failed
        )
        enqueue(job, isBounded: false)
    }

    /// Refuses further writes, finishes those that wait, and ends the thread.
    func close() async {
        await withCheckedContinuation { closer in
            condition.lock()
            isClosing = true
            let done = isFinished
            if !done { closers.append(closer) }
            condition.signal()
            condition.unlock()
            if done { closer.resume() }
        }
    }

    /// Refuses further writes; the thread ends when those that wait are finished.
    func stop() {
        condition.lock()
        isClosing = true
        condition.signal()
        condition.unlock()
    }

    /// Whether writes are still taken.
    var isOpen: Bool {
        condition.lock()
        defer { condition.unlock() }
        return !isClosing
    }

    private func enqueue(_ job: PendingJobs.Job, isBounded: Bool) {
        condition.lock()
        let refusal: VectorStoreError? =
            if isClosing {
                VectorStoreError(.closed, "the store is shutting down")
            } else if isBounded, pending.count >= pendingMax {
                VectorStoreError(.overloaded, "\(pendingMax) writes wait already; try again")
            } else {
                nil
            }
        if refusal == nil {
            pending.append(job)
            condition.signal()
        }
        condition.unlock()
        if let refusal { job.fail(refusal) }
    }

    // MARK: - The thread

    private enum Work {
        case commit([PendingJobs.Job])
        case reclaim
        case end
    }

    private func run() {
        while true {
            switch next() {
            case .commit(let batch): commit(batch)
            case .reclaim: reclaim()
            case .end:
                finish()
                return
            }
        }
    }

    private func next() -> Work {
        condition.lock()
        defer { condition.unlock() }
        while pending.isEmpty && !isClosing {
            if !mayReclaim {
                condition.wait()
            } else if !condition.wait(until: Date(timeIntervalSinceNow: Self.idleSeconds)) {
                return .reclaim
            }
        }
        guard !pending.isEmpty else { return .end }
        mayReclaim = true
        return .commit(pending.nextBatch())
    }

    private func commit(_ batch: [PendingJobs.Job]) {
        var outcomes: [Result<PendingJobs.Acknowledgement, VectorStoreError>] = []
        do throws(VectorStoreError) {
            try file.write("committing") { db in
                try db.inTransaction(.immediate) {
                    for job in batch {
                        outcomes.append(try attempt(job, db))
                    }
                    return .commit
                }
            }
        } catch {
            for (index, job) in batch.enumerated() {
                if index < outcomes.count, case .failure(let own) = outcomes[index] {
                    job.fail(own)
                } else {
                    job.fail(error)
                }
            }
            return
        }
        for (job, outcome) in zip(batch, outcomes) {
            switch outcome {
            case .success(let acknowledge): acknowledge()
            case .failure(let error): job.fail(error)
            }
        }
    }

    /// Runs one job in a savepoint.
    ///
    /// - Throws: only when SQLite has rolled the whole transaction back, as it does when the disk is
    ///   full or fails.
    private func attempt(
        _ job: PendingJobs.Job,
        _ db: Database
    ) throws -> Result<PendingJobs.Acknowledgement, VectorStoreError> {
        try db.execute(sql: "SAVEPOINT job")
        do {
            let acknowledge = try job.body(db)
            try db.execute(sql: "RELEASE job")
            return .success(acknowledge)
        } catch {
            guard db.isInsideTransaction else { throw error }
            try db.execute(sql: "ROLLBACK TO job")
            try db.execute(sql: "RELEASE job")
            return .failure(VectorStoreError(database: error, while: "writing"))
        }
    }

    private func reclaim() {
        // A failure here loses nothing but space; the next write will meet the cause and report it.
        let more = (try? file.write("giving space back") { try idleStep($0) }) ?? false
        condition.lock()
        mayReclaim = more
        condition.unlock()
    }

    private func finish() {
        condition.lock()
        isFinished = true
        let waiting = closers
        closers = []
        condition.unlock()
        for closer in waiting {
            closer.resume()
        }
    }
}
