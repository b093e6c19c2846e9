internal import Foundation

/// A file while it is downloaded, with a second, small file that says what it is part of: the digest
/// of the whole, and the entity tag of the answer that the bytes came from.
///
/// A part that belongs to another digest is dropped when it is opened; one that belongs to this is
/// read once, since the hash of the whole begins with it.
final class PartialFile {
    /// Bytes that are there.
    private(set) var byteCount = 0
    /// The entity tag that they came with.
    private(set) var etag: String?

    private let file: RepositoryFile
    private let path: String
    private let originPath: String
    /// Closes itself when it is released.
    private let handle: FileHandle
    private var digester: Digester

    /// Bytes of a part that are read at once.
    private static let pieceByteCount = 4 << 20

    /// Opens what is there of `file`, or a new one.
    ///
    /// - Parameters:
    ///   - file: the whole.
    ///   - path: where its bytes are; the folder exists.
    ///   - originPath: where the second file is.
    /// - Throws: `io`.
    init(_ file: RepositoryFile, path: String, originPath: String) throws(HubError) {
        let origin = (try? String(contentsOfFile: originPath, encoding: .utf8)) ?? ""
        let lines = origin.split(separator: "\n").map(String.init)
        let isOurs = lines.first == file.digest.description
        if !isOurs || !FileManager.default.fileExists(atPath: path) {
            try DiskError.wrap(path) { try Data().write(to: URL(fileURLWithPath: path)) }
        }
        let handle = try DiskError.wrap(path) {
            try FileHandle(forUpdating: URL(fileURLWithPath: path))
        }
        self.file = file
        self.path = path
        self.originPath = originPath
        self.handle = handle
        digester = Digester(file)
        if isOurs {
            etag = lines.count > 1 ? lines[1] : nil
            try readHeld()
        } else {
            try writeOrigin()
        }
    }

    /// SHA-256 of the bytes that are there, in hexadecimal digits.
    var sha256: String { digester.sha256Digits }

    /// Whether the bytes that are there are the whole file.
    var isRight: Bool { byteCount == file.byteCount && digester.matches(file.digest) }

    /// Writes bytes behind those that are there.
    func append(_ bytes: Data) throws(HubError) {
        try DiskError.wrap(path) { [handle] in try handle.write(contentsOf: bytes) }
        digester.update(bytes)
        byteCount += bytes.count
    }

    /// Drops what is there; what follows comes with another entity tag.
    func clear(etag: String?) throws(HubError) {
        try DiskError.wrap(path) { [handle] in try handle.truncate(atOffset: 0) }
        byteCount = 0
        digester = Digester(file)
        self.etag = etag
        try writeOrigin()
    }

    /// Waits until the bytes are on the disk.
    func flush() throws(HubError) {
        try DiskError.wrap(path) { [handle] in try handle.synchronize() }
    }

    private func readHeld() throws(HubError) {
        while let piece = try DiskError.wrap(
            path,
            { [handle] in try handle.read(upToCount: Self.pieceByteCount) }
        ), !piece.isEmpty {
            digester.update(piece)
            byteCount += piece.count
        }
    }

    private func writeOrigin() throws(HubError) {
        let lines = [file.digest.description] + (etag.map { [$0] } ?? [])
        try DiskError.wrap(originPath) { [originPath] in
            try Data(lines.joined(separator: "\n").utf8)
                .write(to: URL(fileURLWithPath: originPath))
        }
    }
}
