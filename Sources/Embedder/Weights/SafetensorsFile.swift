import Foundation

/// A safetensors file, open for reading.
///
/// Nothing in the file is believed before it is checked: see `SafetensorsHeader`.
final class SafetensorsFile {
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
        defer { file.discard(tensor.bytes) }
        return file.withBytes(in: tensor.bytes) { tensor.element.floats(from: $0) }
    }

    /// The elements of one row of a tensor of this file with two dimensions.
    func row(_ index: Int, of tensor: SafetensorsHeader.Tensor) -> [Float] {
        precondition(
            tensor.shape.count == 2 && index >= 0 && index < tensor.shape[0],
            "row \(index) of a tensor of shape \(tensor.shape)"
        )
        let byteCount = tensor.shape[1] * tensor.element.byteCount
        let start = tensor.bytes.lowerBound + index * byteCount
        return file.withBytes(in: start..<start + byteCount) { tensor.element.floats(from: $0) }
    }

    /// The bits of a tensor of this file in bf16, row-major.
    func halves(of tensor: SafetensorsHeader.Tensor) -> [UInt16] {
        precondition(tensor.element == .bfloat16, "\(tensor.element) is not bf16")
        defer { file.discard(tensor.bytes) }
        return file.withBytes(in: tensor.bytes) { bytes in
            let count = bytes.byteCount / 2
            return unsafe [UInt16](unsafeUninitializedCapacity: count) { halves, initialized in
                for index in 0..<count {
                    // SAFETY: a whole element is left at 2 · index; `halves` has room for `count`.
                    let bits = unsafe bytes.unsafeLoadUnaligned(
                        fromByteOffset: 2 * index,
                        as: UInt16.self
                    )
                    unsafe halves.initializeElement(at: index, to: UInt16(littleEndian: bits))
                }
                initialized = count
            }
        }
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
