internal import CKernels

/// One bit a dimension: the signs of a token vector, for late interaction.
///
/// Bit `i % 8` of byte `i / 8`, least significant first, is set when component `i` is >= 0 (-0
/// counts as >= 0). Bits past the dimension are clear. At 384 dimensions a token is 48 bytes.
public enum SignCodes {
    /// The bytes of one token's code: `dimension / 8`, rounded up.
    public static func byteCount(dimension: Int) -> Int {
        (dimension + 7) / 8
    }

    /// The codes of `rows`, one after the other.
    ///
    /// - Shapes: `rows` is T × `dimension`, row-major; the result T × `byteCount(dimension:)`.
    public static func encode(_ rows: Span<Float>, dimension: Int) -> [UInt8] {
        precondition(
            dimension > 0 && rows.count.isMultiple(of: dimension),
            "encode: \(rows.count) elements are no whole rows of \(dimension)"
        )
        let rowCount = rows.count / dimension
        var codes = [UInt8](repeating: 0, count: rowCount * byteCount(dimension: dimension))
        // SAFETY: `rows` holds rowCount × dimension Floats and `codes` the bytes that the header
        // asks for; both outlive the call, which keeps neither.
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe codes.withUnsafeMutableBufferPointer { codes in
                guard let source = rows.baseAddress, let target = codes.baseAddress else { return }
                unsafe ragd_sign_encode(source, rowCount, dimension, target)
            }
        }
        return codes
    }

    /// The codes of an array of rows.
    public static func encode(_ rows: [Float], dimension: Int) -> [UInt8] {
        encode(rows.span, dimension: dimension)
    }
}
