import Foundation
import TestSupport
import Testing
import VectorStore

/// Power cuts at any operation of a store's life, on a device that loses whatever was not synced.
///
/// A script runs once on a recorded disk; then the disk is what it would have been had the power
/// failed after each of many operations, and a store is opened on it. Some are cut again while they
/// recover.
@Suite("Power cuts")
struct PowerCutTests {
    /// Cuts of one script.
    private static let cutCount = 100

    /// 200 cuts in the fast suite, 12,000 and more in the slow one.
    private static let seeds: Range<UInt64> =
        ProcessInfo.processInfo.environment["RAGD_SLOW_TESTS"] == "1" ? 0..<120 : 0..<2

    @Test("lose nothing that was acknowledged and leave no half batch")
    func keepsAcknowledged() async throws {
        var tally = Tally()
        for seed in Self.seeds {
            try await cut(seed: seed, &tally)
        }
        print(
            "power cuts: \(tally.cuts), \(tally.again) of them during a recovery; "
                + "\(tally.acknowledged) changes acknowledged before them, \(tally.failures) lost or torn"
        )
        #expect(tally.failures == 0)
        #expect(tally.cuts >= Self.seeds.count * Self.cutCount)
    }

    private struct Tally {
        var cuts = 0
        var again = 0
        var acknowledged = 0
        var failures = 0
    }

    private func cut(seed: UInt64, _ tally: inout Tally) async throws {
        var random = SeededRandom(seed: 7_000 + seed)
        let script = StoreScript(count: 16, using: &random)
        let operations = try await record(script)
        let places = (0..<Self.cutCount)
            .map { _ in Int.random(in: 0...operations.count, using: &random) }
            .sorted()
        var disk = SimulatedDisk()
        var progress = StoreProgress()
        var place = 0
        for cut in places {
            while place < cut {
                disk.apply(operations[place])
                if case .mark(let mark) = operations[place] {
                    progress.apply(mark)
                    if mark & 0xff != 0xff { tally.acknowledged += 1 }
                }
                place += 1
            }
            let what = "seed \(seed), cut before operation \(cut)"
            let files = disk.afterPowerCut(using: &random)
            tally.cuts += 1
            if Int.random(in: 0..<4, using: &random) == 0 {
                try await cutAgain(files, script, progress, what, &random, &tally)
            } else {
                try await check(files, script, progress, what, &tally)
            }
        }
    }

    private func record(_ script: StoreScript) async throws -> [DiskOperation] {
        let directory = try TemporaryDirectory()
        let disk = FaultyDisk(directory.path)
        disk.record()
        try await script.run(in: directory.path, disk)
        return disk.operations
    }

    /// Cuts the power again while the store recovers or closes.
    private func cutAgain(
        _ files: [String: [UInt8]],
        _ script: StoreScript,
        _ progress: StoreProgress,
        _ what: String,
        _ random: inout SeededRandom,
        _ tally: inout Tally
    ) async throws {
        let directory = try TemporaryDirectory()
        try directory.write(files)
        let watched = FaultyDisk(directory.path)
        watched.record()
        let store = try VectorStore.open(directory: directory.path, options: StoreScript.options)
        await store.close()
        let operations = watched.operations
        var disk = SimulatedDisk(files)
        let cut = Int.random(in: 0...operations.count, using: &random)
        for operation in operations.prefix(cut) { disk.apply(operation) }
        tally.cuts += 1
        tally.again += 1
        try await check(
            disk.afterPowerCut(using: &random),
            script,
            progress,
            "\(what), then before operation \(cut) of the recovery",
            &tally
        )
    }

    private func check(
        _ files: [String: [UInt8]],
        _ script: StoreScript,
        _ progress: StoreProgress,
        _ what: String,
        _ tally: inout Tally
    ) async throws {
        let directory = try TemporaryDirectory()
        try directory.write(files)
        let disk = FaultyDisk(directory.path)
        let differences = await script.differences(in: directory.path, after: progress)
        withExtendedLifetime(disk) {}
        if !differences.isEmpty { tally.failures += 1 }
        #expect(differences.isEmpty, "\(what)")
    }
}
