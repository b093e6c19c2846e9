import Foundation
import TestSupport
import Testing
import VectorStore

/// How far a script came: what was begun last, and what of it was acknowledged.
struct StoreProgress: Equatable {
    /// The step that was begun last; `nil` before the first.
    var step: Int?
    /// Which of its changes were acknowledged.
    var acknowledged: Set<Int> = []

    /// As marks of a disk's record.
    static func began(_ step: Int) -> UInt64 { UInt64(step) << 8 | 0xff }
    static func acknowledged(_ step: Int, _ change: Int) -> UInt64 {
        UInt64(step) << 8 | UInt64(change)
    }

    /// Follows a mark.
    mutating func apply(_ mark: UInt64) {
        let change = Int(mark & 0xff)
        if change == 0xff {
            self = StoreProgress(step: Int(mark >> 8))
        } else {
            acknowledged.insert(change)
        }
    }
}

extension StoreScript {
    /// Many checkpoints of graph and log in little work.
    static var options: StoreOptions {
        var options = StoreOptions()
        options.changesMaxBetweenCheckpoints = 12
        options.logPageCountMax = 40
        return options
    }

    /// Runs the script, leaving marks in the disk's record.
    ///
    /// - Throws: the first error; what stands beside it was waited for.
    func run(in directory: String, _ disk: FaultyDisk) async throws {
        var store = try VectorStore.open(directory: directory, options: Self.options)
        do {
            for (number, step) in steps.enumerated() {
                disk.mark(StoreProgress.began(number))
                switch step {
                case .reopen:
                    await store.close()
                    store = try VectorStore.open(directory: directory, options: Self.options)
                case .changes(let changes):
                    try await withThrowingTaskGroup(of: Void.self) { [store] group in
                        for (index, change) in changes.enumerated() {
                            group.addTask {
                                try await store.perform(change)
                                disk.mark(StoreProgress.acknowledged(number, index))
                            }
                        }
                        try await group.waitForAll()
                    }
                }
            }
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    /// Opens what a crash left and compares it with what was acknowledged.
    ///
    /// - Returns: the differences, one line each; none when every acknowledged change is there, every
    ///   other is there whole or not at all, and everything is found.
    func differences(in directory: String, after progress: StoreProgress) async -> [String] {
        do {
            let store = try VectorStore.open(directory: directory, options: Self.options)
            let differences = try differences(in: store, after: progress)
            await store.close()
            return differences
        } catch {
            return ["\(error)"]
        }
    }

    /// The same of a store that is open.
    func differences(in store: VectorStore, after progress: StoreProgress) throws -> [String] {
        let found = try store.contents()
        // That a checkpoint failed is told, and is no difference.
        var differences = try store.verify().filter {
            !$0.contains("its last checkpoint was not written")
        }
        var expected = contents[progress.step ?? 0]
        if let step = progress.step, case .changes(let changes) = steps[step] {
            for (index, change) in changes.enumerated()
            where progress.acknowledged.contains(index) || found.shows(change) {
                expected.apply(change)
            }
        }
        if found != expected {
            differences.append(Self.describe(found, expected))
        }
        if try !store.findsEverything() { differences.append("something stored is not found") }
        return differences
    }

    private static func describe(_ found: StoreContents, _ expected: StoreContents) -> String {
        let names = Set(found.collections.keys).union(expected.collections.keys).sorted()
        return names.map { name in
            guard let texts = found.collections[name] else { return "\(name) is missing" }
            guard let wanted = expected.collections[name] else { return "\(name) is there" }
            let wrong = Set(texts.keys).union(wanted.keys).filter { texts[$0] != wanted[$0] }
            return "\(name) differs in \(wrong.sorted())"
        }
        .joined(separator: "; ")
    }
}
