import Foundation
import TestSupport

/// What a device holds of files that were written and synced, and what it would hold after a power
/// cut now: a value, advanced one recorded operation at a time.
///
/// The model is as hostile as SQLite admits. Of what was done to a file since its last sync, every
/// 512-byte sector of every write and every change of size is kept or lost on its own, in any
/// combination. A file that was made, deleted or made again since is there as it was or as it is. What
/// a failed sync was to make durable stays in doubt until it is written again and synced.
struct SimulatedDisk {
    private struct File {
        var name: String
        /// What no power cut takes away.
        var durable: [UInt8] = []
        /// What was done on top of it, in order.
        var changes: [(operation: DiskOperation, fate: Fate)] = []
    }

    /// What a power cut does to a change.
    private enum Fate {
        /// Kept or lost, unless a sync comes first.
        case pending
        /// Kept or lost: a sync of it failed.
        case doubtful
        /// Kept: synced, but over something doubtful.
        case certain
    }

    private var files: [Int: File] = [:]
    /// The folder as programs see it, and as the device has it.
    private var entries: [String: Int] = [:]
    private var durableEntries: [String: Int] = [:]
    /// Content of files that were there before the record began, by name.
    private let initial: [String: [UInt8]]

    /// The bytes that a device writes whole or not at all.
    static let sectorByteCount = 512

    /// An empty device, or one that holds `files` durably.
    init(_ files: [String: [UInt8]] = [:]) {
        initial = files
    }

    /// Follows one operation.
    mutating func apply(_ operation: DiskOperation) {
        switch operation {
        case .open(let file, let name):
            guard files[file] == nil else { return }
            files[file] = File(name: name, durable: initial[name] ?? [])
            entries[name] = file
            durableEntries[name] = file
        case .create(let file, let name):
            files[file] = File(name: name)
            entries[name] = file
        case .delete(let file):
            guard let name = files[file]?.name, entries[name] == file else { return }
            entries[name] = nil
        case .write(let file, _, _), .truncate(let file, _):
            files[file]?.changes.append((operation, .pending))
        case .failedSync(let file): settle(file, as: .doubtful)
        case .sync(let file): sync(file)
        case .mark: break
        }
    }

    private mutating func sync(_ number: Int) {
        guard var file = files[number] else { return }
        if file.changes.contains(where: { $0.fate == .doubtful }) {
            settle(number, as: .certain)
        } else {
            for change in file.changes { Self.perform(change.operation, on: &file.durable) }
            file.changes = []
            files[number] = file
        }
        // The entry of a file goes to the device with its first sync. With that of a log or a journal
        // SQLite flushes the folder too, and with it whatever was deleted before.
        guard entries[file.name] == number, durableEntries[file.name] != number else { return }
        if file.name.hasSuffix("-wal") || file.name.hasSuffix("-journal") {
            durableEntries = entries
        } else {
            durableEntries[file.name] = number
        }
    }

    private mutating func settle(_ number: Int, as fate: Fate) {
        guard var file = files[number] else { return }
        for index in file.changes.indices where file.changes[index].fate == .pending {
            file.changes[index].fate = fate
        }
        files[number] = file
    }

    /// The files after a power cut now.
    ///
    /// - Parameter random: which sectors, sizes and entries are lost.
    /// - Returns: their content, by name.
    func afterPowerCut(using random: inout SeededRandom) -> [String: [UInt8]] {
        // All kept, all lost and everything between are equally interesting.
        let shares: [Double] = [0, 0.1, 0.5, 0.9, 1]
        let share = shares.randomElement(using: &random) ?? 0.5
        var result: [String: [UInt8]] = [:]
        let names = Set(entries.keys).union(durableEntries.keys).union(initial.keys)
        for name in names.sorted() {
            let isNow = Double.random(in: 0..<1, using: &random) < share
            if let number = isNow ? entries[name] : durableEntries[name] {
                result[name] = content(of: number, share: share, using: &random)
            } else if entries[name] == nil, durableEntries[name] == nil {
                // Never touched since the record began.
                result[name] = initial[name]
            }
        }
        return result
    }

    /// The files as programs see them now: what a killed process leaves behind.
    var asWritten: [String: [UInt8]] {
        var result = initial.filter { name, _ in !files.values.contains { $0.name == name } }
        for (name, number) in entries {
            guard let file = files[number] else { continue }
            var bytes = file.durable
            for change in file.changes { Self.perform(change.operation, on: &bytes) }
            result[name] = bytes
        }
        return result
    }

    private func content(
        of number: Int,
        share: Double,
        using random: inout SeededRandom
    ) -> [UInt8] {
        guard let file = files[number] else { return [] }
        var bytes = file.durable
        for (operation, fate) in file.changes {
            guard fate != .certain, case .write(_, let offset, let written) = operation else {
                if fate == .certain || Double.random(in: 0..<1, using: &random) < share {
                    Self.perform(operation, on: &bytes)
                }
                continue
            }
            var start = 0
            while start < written.count {
                let place = offset + start
                let count = min(
                    Self.sectorByteCount - place % Self.sectorByteCount,
                    written.count - start
                )
                if Double.random(in: 0..<1, using: &random) < share {
                    let sector = Array(written[start..<start + count])
                    Self.perform(.write(file: number, offset: place, bytes: sector), on: &bytes)
                }
                start += count
            }
        }
        return bytes
    }

    private static func perform(_ operation: DiskOperation, on bytes: inout [UInt8]) {
        switch operation {
        case .write(_, let offset, let written):
            resize(&bytes, to: max(bytes.count, offset + written.count))
            bytes.replaceSubrange(offset..<offset + written.count, with: written)
        case .truncate(_, let size): resize(&bytes, to: size)
        default: break
        }
    }

    private static func resize(_ bytes: inout [UInt8], to count: Int) {
        if count < bytes.count {
            bytes.removeLast(bytes.count - count)
        } else {
            bytes.append(contentsOf: repeatElement(0, count: count - bytes.count))
        }
    }
}

extension TemporaryDirectory {
    /// Writes files into the folder.
    func write(_ files: [String: [UInt8]]) throws {
        for (name, bytes) in files {
            try Data(bytes).write(to: url.appendingPathComponent(name))
        }
    }

    /// Reads the files that SQLite keeps; nobody may have them open, since closing a file gives up
    /// its locks.
    func databaseFiles() throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in ["ragd.sqlite", "ragd.sqlite-wal", "ragd.sqlite-journal"] {
            let path = url.appendingPathComponent(name).path
            guard FileManager.default.fileExists(atPath: path) else { continue }
            files[name] = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        }
        return files
    }
}
