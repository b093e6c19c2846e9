import Crypto
import Foundation

/// A model's folder as files.
struct ModelFiles {
    /// One file.
    struct File {
        let path: String
        let byteCount: Int
    }

    let directory: String

    /// The name that requests use: that of the folder.
    var name: String { URL(fileURLWithPath: directory).standardizedFileURL.lastPathComponent }

    /// The folder's files, by path.
    func files() throws -> [File] {
        // A model is often a link into a cache.
        let root = URL(fileURLWithPath: directory).resolvingSymlinksInPath().path
        guard let names = FileManager.default.enumerator(atPath: root) else {
            throw CommandFailure("cannot list \(directory)")
        }
        var files: [File] = []
        while let name = names.nextObject() as? String {
            let path = URL(fileURLWithPath: "\(root)/\(name)").resolvingSymlinksInPath().path
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            guard attributes?[.type] as? FileAttributeType == .typeRegular else { continue }
            let byteCount = (attributes?[.size] as? NSNumber)?.intValue ?? 0
            files.append(File(path: "\(root)/\(name)", byteCount: byteCount))
        }
        return files.sorted { $0.path < $1.path }
    }

    /// The SHA-256 of a file in hexadecimal digits, read a piece at a time.
    static func checksum(_ file: File) throws -> String {
        guard let handle = FileHandle(forReadingAtPath: file.path) else {
            throw CommandFailure("cannot read \(file.path)")
        }
        defer { try? handle.close() }
        var hash = SHA256()
        while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
            hash.update(data: piece)
        }
        return hash.finalize().map { String(format: "%02x", $0) }.joined()
    }
}
