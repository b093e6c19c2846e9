import Foundation

/// A safetensors file, open for reading.
///
/// Nothing in the file is believed before it is checked: see `SafetensorsHeader`.
struct SafetensorsFile: ~Copyable {
    /// The file's path, for messages.
    let path: String
    /// What the file holds.
    let header: SafetensorsHeader

    private let file: MappedFile

    /// Opens the file at `path` and checks its header.
    init(path: String) throws(EmbedderError) {
        let file = try MappedFile(path: path)
        header = try Self.header(of: file, path: path)
        self.path = path
        self.file = file
    }

    /// The elements of a tensor of this file, row-major, in single precision.
    func floats(of tensor: SafetensorsHeader.Tensor) -> [Float] {
        file.withBytes(in: tensor.bytes) { tensor.element.floats(from: $0) }
    }

    private static func header(
        of file: borrowing MappedFile,
        path: String
    ) throws(EmbedderError) -> SafetensorsHeader {
        let prefixEnd = SafetensorsHeader.prefixByteCount
        guard file.byteCount >= prefixEnd else {
            throw EmbedderError(.invalidModel, "\(path) has \(file.byteCount) bytes: cut short?")
        }
        do throws(EmbedderError) {
            let fileByteCount = file.byteCount
            let range = try file.withBytes(in: 0..<prefixEnd) { (prefix) throws(EmbedderError) in
                try SafetensorsHeader.range(prefix: prefix, fileByteCount: fileByteCount)
            }
            let json = file.withBytes(in: range) { bytes in
                // SAFETY: Data copies the bytes; the pointer does not outlive the closure.
                unsafe bytes.withUnsafeBytes { unsafe Data($0) }
            }
            return try SafetensorsHeader(json: json, data: range.upperBound..<fileByteCount)
        } catch {
            throw EmbedderError(error.code, "\(path): \(error.message)", cause: error.cause)
        }
    }
}
