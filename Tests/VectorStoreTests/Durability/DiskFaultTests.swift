import Foundation
import TestSupport
import Testing
import VectorStore

/// Every write, sync, truncation and opening of a file fails in turn, once or for good, with an I/O
/// error or for want of space, until the call under test comes through without meeting the fault.
@Suite("Disk faults")
struct DiskFaultTests {
    /// What is done while the disk fails.
    enum Action: String, CaseIterable {
        case create
        case ingest
        case replace
        case delete
        case drop
        /// Checkpoints of the graph and the log, as a store is closed.
        case close
        /// Recovery of what a kill left.
        case open
    }

    /// Which of the faults are tried: all in the slow suite, every third in the fast one.
    private static let stride =
        ProcessInfo.processInfo.environment["RAGD_SLOW_TESTS"] == "1" ? 1 : 3

    @Test(
        "leave the old state or the new, and nothing acknowledged is lost",
        arguments: Action.allCases
    )
    func leaveOldOrNew(action: Action) async throws {
        var faults = 0
        for operation in FaultyDisk.Operation.allCases {
            for failure in FaultyDisk.Failure.allCases {
                for isPermanent in [false, true] {
                    var fault = FaultTrial.Fault(operation, 1, failure, isPermanent)
                    while try await FaultTrial(action, fault).run() {
                        faults += 1
                        fault.nth += Self.stride
                        // A call that never ends has no business here.
                        try #require(fault.nth < 1_000, "\(action) with \(fault)")
                    }
                }
            }
        }
        print("disk faults: \(faults) during \(action)")
    }
}

/// One call on one failing disk.
private struct FaultTrial {
    struct Fault: CustomStringConvertible {
        var operation: FaultyDisk.Operation
        var nth: Int
        var failure: FaultyDisk.Failure
        var isPermanent: Bool

        init(
            _ operation: FaultyDisk.Operation,
            _ nth: Int,
            _ failure: FaultyDisk.Failure,
            _ isPermanent: Bool
        ) {
            self.operation = operation
            self.nth = nth
            self.failure = failure
            self.isPermanent = isPermanent
        }

        var description: String {
            "\(operation) \(nth) \(failure)\(isPermanent ? " for good" : "")"
        }
    }

    private let action: DiskFaultTests.Action
    private let fault: Fault
    private let script: StoreScript
    /// The steps before the action, the action, and one after it.
    private let place: Int

    init(_ action: DiskFaultTests.Action, _ fault: Fault) {
        self.action = action
        self.fault = fault
        var random = SeededRandom(seed: 77)
        let before = Self.stepsBefore(using: &random)
        let later = StoreFixture.document("later", title: "later", using: &random)
        let changed = (0..<3).map {
            StoreFixture.document("d\($0)", words: 30, title: "d\($0)", using: &random)
        }
        let new = (6..<9).map { StoreFixture.document("d\($0)", title: "d\($0)", using: &random) }
        let change: StoreScript.Change =
            switch action {
            case .create: .create("c1")
            case .ingest, .close, .open: .write("c0", new)
            case .replace: .write("c0", changed)
            case .delete: .delete("c0", ["d1", "d2", "d3"])
            case .drop: .drop("c0")
            }
        place = before.count
        script = StoreScript(before + [.changes([change]), .changes([.write("kept", [later])])])
    }

    private static func stepsBefore(using random: inout SeededRandom) -> [StoreScript.Step] {
        let documents = (0..<6).map {
            StoreFixture.document("d\($0)", title: "d\($0)", using: &random)
        }
        let other = StoreFixture.document("other", title: "other", using: &random)
        return [
            .changes([.create("c0")]), .changes([.create("kept")]),
            .changes([.write("c0", documents)]), .changes([.write("kept", [other])]),
        ]
    }

    /// What a process that was killed after the first steps leaves: made once, for it does not depend
    /// on the fault.
    private static let base = Task {
        var random = SeededRandom(seed: 77)
        let directory = try TemporaryDirectory()
        let disk = FaultyDisk(directory.path)
        disk.record()
        let store = try VectorStore.open(
            directory: directory.path,
            options: StoreScript.options
        )
        for case .changes(let changes) in stepsBefore(using: &random) {
            for change in changes { try await store.perform(change) }
        }
        var image = SimulatedDisk()
        for operation in disk.operations { image.apply(operation) }
        await store.close()
        return image.asWritten
    }

    /// Runs the action, and returns whether it met the fault.
    func run() async throws -> Bool {
        let files = try await Self.base.value
        let directory = try TemporaryDirectory()
        try directory.write(files)
        let disk = FaultyDisk(directory.path)
        disk.record()
        var progress = StoreProgress(step: place)
        let store = try await act(directory.path, disk, &progress)
        let isMet = disk.failureCount > 0

        // The power fails here, too.
        var image = SimulatedDisk(files)
        for operation in disk.operations { image.apply(operation) }
        var random = SeededRandom(seed: UInt64(fault.nth))
        try await expectWhole(image.afterPowerCut(using: &random), progress)

        disk.heal()
        let open =
            try store
            ?? VectorStore.open(directory: directory.path, options: StoreScript.options)
        try await goOn(open, directory.path, progress)
        return isMet
    }

    /// Does what is under test with the fault armed.
    ///
    /// - Returns: the store, unless it was closed or did not open.
    private func act(
        _ directory: String,
        _ disk: FaultyDisk,
        _ progress: inout StoreProgress
    ) async throws -> VectorStore? {
        let options = StoreScript.options
        if action == .open { arm(disk) }
        let store: VectorStore
        do {
            store = try VectorStore.open(directory: directory, options: options)
        } catch {
            #expect(action == .open && error.code == .io, "\(fault): \(error)")
            return nil
        }
        guard case .changes(let changes) = script.steps[place], let change = changes.first else {
            preconditionFailure("the step under test has one change")
        }
        if action != .open, action != .close { arm(disk) }
        do {
            try await store.perform(change)
            progress.acknowledged = [0]
        } catch {
            let code = (error as? VectorStoreError)?.code
            #expect(code == .io, "\(action), \(fault): \(error)")
        }
        if action == .close {
            arm(disk)
            await store.close()
            return nil
        }
        // While the disk fails, too, what is read is right or an error.
        do {
            let found = try store.contents()
            let states = script.contents[place...place + 1]
            #expect(states.contains(found), "\(action), \(fault)")
        } catch {
            #expect((error as? VectorStoreError)?.code == .io, "\(action), \(fault): \(error)")
        }
        return store
    }

    private func arm(_ disk: FaultyDisk) {
        disk.fail(
            fault.operation,
            nth: fault.nth,
            fault.failure,
            isPermanent: fault.isPermanent
        )
    }

    /// Writes once more on the healed disk, restarts, and compares.
    private func goOn(
        _ store: VectorStore,
        _ directory: String,
        _ progress: StoreProgress
    ) async throws {
        let differences = try script.differences(in: store, after: progress)
        #expect(differences.isEmpty, "\(action), \(fault)")
        var expected = try store.contents()
        guard case .changes(let changes) = script.steps[place + 1] else { return }
        for change in changes {
            try await store.perform(change)
            expected.apply(change)
        }
        await store.close()
        let again = try VectorStore.open(directory: directory, options: StoreScript.options)
        #expect(try again.contents() == expected, "\(action), \(fault)")
        #expect(try again.verify() == [], "\(action), \(fault)")
        #expect(try again.findsEverything(), "\(action), \(fault)")
        await again.close()
    }

    private func expectWhole(_ files: [String: [UInt8]], _ progress: StoreProgress) async throws {
        let directory = try TemporaryDirectory()
        try directory.write(files)
        let disk = FaultyDisk(directory.path)
        let differences = await script.differences(in: directory.path, after: progress)
        withExtendedLifetime(disk) {}
        #expect(differences.isEmpty, "\(action), \(fault), then a power cut")
    }
}
