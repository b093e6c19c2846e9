import Foundation

/// The table of contents of a safetensors file, every entry of it checked.
///
/// Format: 8 bytes, the header's length N, little-endian; N bytes of JSON that map each tensor's
/// name to `dtype`, `shape` and `data_offsets` (relative to the end of the header), with an optional
/// `__metadata__`; then the data. See https://github.com/huggingface/safetensors.
struct SafetensorsHeader {
    /// One tensor.
    struct Tensor {
        let element: TensorElement
        let shape: [Int]
        /// Where its bytes are in the file.
        let bytes: Range<Int>
    }

    /// The tensors by name.
    let tensors: [String: Tensor]

    /// Bytes of the length field.
    static let prefixByteCount = 8
    /// The largest header that is read.
    ///
    /// A model of a thousand layers needs about 2 MB; the
    /// reference reader allows 100 MB.
    static let byteCountMax = 32 << 20

    /// The range of the header's JSON, from the file's first bytes and its length.
    static func range(prefix: RawSpan, fileByteCount: Int) throws(EmbedderError) -> Range<Int> {
        precondition(prefix.byteCount == prefixByteCount)
        // SAFETY: the span holds exactly the 8 bytes read; any bit pattern is a valid integer.
        let length = UInt64(
            littleEndian: unsafe prefix.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self)
        )
        guard length <= byteCountMax else {
            throw EmbedderError(
                .invalidModel,
                "the header claims \(length) bytes; at most \(byteCountMax) are read"
            )
        }
        let end = prefixByteCount + Int(length)
        guard length >= 2, end <= fileByteCount else {
            throw EmbedderError(
                .invalidModel,
                "the header claims \(length) bytes in a file of \(fileByteCount): cut short?"
            )
        }
        return prefixByteCount..<end
    }

    /// Reads the header's JSON.
    ///
    /// - Parameters:
    ///   - json: the header without its length field.
    ///   - data: where the data lies in the file: from the header's end to the file's.
    /// - Throws: `EmbedderError` with code `invalidModel`, or `unsupportedModel` for a type of
    ///   element that is not known.
    init(json: Data, data: Range<Int>) throws(EmbedderError) {
        let entries: Entries
        do {
            entries = try JSONDecoder().decode(Entries.self, from: json)
        } catch {
            throw EmbedderError(.invalidModel, "the header is malformed: \(error)", cause: error)
        }
        var tensors: [String: Tensor] = [:]
        for (name, entry) in entries.byName {
            tensors[name] = try entry.tensor(named: name, data: data)
        }
        self.tensors = tensors
        try checkCoverage(of: data)
    }

    /// The format wants every byte of data in exactly one tensor: no overlap, no gap, no rest.
    private func checkCoverage(of data: Range<Int>) throws(EmbedderError) {
        var end = data.lowerBound
        let inOrder = tensors.sorted {
            ($0.value.bytes.lowerBound, $0.value.bytes.upperBound)
                < ($1.value.bytes.lowerBound, $1.value.bytes.upperBound)
        }
        for (name, tensor) in inOrder {
            guard tensor.bytes.lowerBound == end else {
                throw EmbedderError(
                    .invalidModel,
                    "tensor \(name) starts at byte \(tensor.bytes.lowerBound), expected \(end)"
                )
            }
            end = tensor.bytes.upperBound
        }
        guard end == data.upperBound else {
            throw EmbedderError(
                .invalidModel,
                "the tensors end at byte \(end) of a file of \(data.upperBound)"
            )
        }
    }
}

// MARK: - The JSON

private struct Entries: Decodable {
    var byName: [String: Entry] = [:]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: JSONKey.self)
        for key in container.allKeys {
            if key.stringValue == "__metadata__" {
                _ = try container.decode([String: String].self, forKey: key)
            } else {
                byName[key.stringValue] = try container.decode(Entry.self, forKey: key)
            }
        }
    }
}

private struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let offsets: [Int]

    enum CodingKeys: String, CodingKey {
        case dtype
        case shape
        case offsets = "data_offsets"
    }

    /// Checks this entry by itself: type, shape, range, and that they agree.
    func tensor(
        named name: String,
        data: Range<Int>
    ) throws(EmbedderError) -> SafetensorsHeader.Tensor {
        guard let element = TensorElement(rawValue: dtype) else {
            throw EmbedderError(.unsupportedModel, "tensor \(name) has the unknown type \(dtype)")
        }
        guard
            offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= data.count
        else {
            throw EmbedderError(
                .invalidModel,
                "tensor \(name) has the offsets \(offsets) in \(data.count) bytes of data"
            )
        }
        guard byteCount(of: element) == offsets[1] - offsets[0] else {
            throw EmbedderError(
                .invalidModel,
                "tensor \(name) has \(offsets[1] - offsets[0]) bytes for \(dtype) \(shape)"
            )
        }
        let start = data.lowerBound
        return SafetensorsHeader.Tensor(
            element: element,
            shape: shape,
            bytes: start + offsets[0]..<start + offsets[1]
        )
    }

    /// The bytes that the shape asks for, or nil when they are negative or overflow.
    private func byteCount(of element: TensorElement) -> Int? {
        var product = element.byteCount
        for extent in shape {
            guard extent >= 0 else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: extent)
            guard !overflow else { return nil }
            product = next
        }
        return product
    }
}
