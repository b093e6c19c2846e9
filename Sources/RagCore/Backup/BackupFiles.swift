internal import CPlatform
internal import Crypto
internal import Foundation

/// What a backup asks of the file system; every failure names the path.
enum BackupFiles {
    /// Runs `body`, and says which path it failed on.
    static func wrap<Value>(
        _ path: String,
        _ body: () throws -> Value
    ) throws(RagError) -> Value {
        do {
            return try body()
        } catch let error as RagError {
            throw error
        } catch {
            throw RagError(.fault, "\(path): \(error.localizedDescription)", cause: error)
        }
    }

    /// Whether something has that path.
    static func isThere(_ path: String) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: path)) != nil
    }

    /// The size and the SHA-256 of a file.
    static func digest(_ path: String) throws(RagError) -> (bytes: Int, sha256: String) {
        try wrap(path) {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            var hash = SHA256()
            var bytes = 0
            while let part = try handle.read(upToCount: 1 << 20), !part.isEmpty {
                hash.update(data: part)
                bytes += part.count
            }
            let hexadecimal = hash.finalize().map { byte in
                let digits = String(byte, radix: 16)
                return digits.count == 1 ? "0" + digits : digits
            }
            return (bytes, hexadecimal.joined())
        }
    }

    /// Makes a new, empty folder.
    static func makeFolder(_ path: String) throws(RagError) {
        try wrap(path) {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: false
            )
        }
    }

    /// Writes a new file, durably.
    static func write(_ data: Data, to path: String) throws(RagError) {
        try wrap(path) { try data.write(to: URL(fileURLWithPath: path)) }
        try flush(path)
    }

    /// Waits until a file, or the entries of a folder, are on the disk.
    static func flush(_ path: String) throws(RagError) {
        try wrap(path) {
            guard let handle = FileHandle(forReadingAtPath: path) else {
                throw CocoaError(.fileReadNoPermission)
            }
            try handle.synchronize()
            try handle.close()
        }
    }

    /// Gives a folder its name, durably; nothing may have it.
    static func rename(_ folder: String, to target: String) throws(RagError) {
        try wrap(target) {
            try FileManager.default.moveItem(atPath: folder, toPath: target)
        }
        try flush(parent(of: target))
    }

    /// Lets two folders change places in one step, durably.
    static func exchange(_ first: String, _ second: String) throws(RagError) {
        // SAFETY: both paths are NUL-terminated copies that live for the call, which keeps neither.
        let status = unsafe ragd_exchange_paths(first, second)
        guard status == 0 else {
            throw RagError(
                .fault,
                "cannot put \(first) in the place of \(second) (error \(status)); move that folder away "
                    + "and restore again"
            )
        }
        try flush(parent(of: second))
    }

    /// The folder that holds a path.
    static func parent(of path: String) -> String {
        let parent = (path as NSString).deletingLastPathComponent
        return parent.isEmpty ? "." : parent
    }

    /// A path without a slash at its end.
    static func trimmed(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
