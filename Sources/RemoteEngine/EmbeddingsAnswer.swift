internal import Foundation
internal import StrictJSON

/// The answer of `/embeddings`, held to everything that it should be.
package enum EmbeddingsAnswer {
    /// No model of today has more.
    package static let dimensionMax = 16_384

    /// Bytes that an answer may have: digits take at most some 30 bytes a number.
    static func byteCountMax(texts: Int, dimension: Int?) -> Int {
        65_536 + texts * (1_024 + (dimension ?? dimensionMax) * 32)
    }

    /// Reads the vectors, by `index` and not by place.
    ///
    /// - Parameters:
    ///   - bytes: the body.
    ///   - count: how many texts were sent.
    ///   - dimension: elements that each must have; nil takes the first's.
    /// - Returns: `count` vectors of unit length.
    /// - Throws: `malformed`, `wrongCount`, `wrongDimension`, `notFinite`.
    package static func vectors(
        _ bytes: [UInt8],
        count: Int,
        dimension: Int?
    ) throws(RemoteError) -> [[Float]] {
        let valueCountMax = 1_000 + count * (16 + (dimension ?? dimensionMax))
        let root = try AnswerReading.root(bytes, valueCountMax: valueCountMax)
        guard let data = root.member("data")?.elements else {
            throw AnswerReading.malformed("it has no array 'data'")
        }
        var dimension = dimension
        return try AnswerReading.ordered(data, count: count) { item throws(RemoteError) in
            guard let value = item.member("embedding") else {
                throw AnswerReading.malformed("an element of 'data' has no 'embedding'")
            }
            var vector = try self.vector(value)
            let wanted = dimension ?? vector.count
            dimension = wanted
            guard vector.count == wanted, (1...dimensionMax).contains(wanted) else {
                throw RemoteError(
                    .wrongDimension,
                    "its server gives vectors of \(vector.count) dimensions, and they should have "
                        + "\(wanted); does it serve another model?"
                )
            }
            try normalise(&vector)
            return vector
        }
    }

    private static func vector(_ value: JSONValue) throws(RemoteError) -> [Float] {
        switch value.content {
        case .string(let text):
            guard let data = Data(base64Encoded: text), data.count.isMultiple(of: 4) else {
                throw AnswerReading.malformed("a vector is no base64 of f32")
            }
            return stride(from: 0, to: data.count, by: 4).map { offset in
                var bits: UInt32 = 0
                for index in 0..<4 { bits |= UInt32(data[offset + index]) << (8 * index) }
                return Float(bitPattern: bits)
            }
        case .array(let elements):
            var vector: [Float] = []
            vector.reserveCapacity(elements.count)
            for element in elements { vector.append(try AnswerReading.float(element)) }
            return vector
        default: throw AnswerReading.malformed("a vector is neither an array nor base64")
        }
    }

    /// Scales a vector to unit length: stored vectors have it, whatever a server gives.
    private static func normalise(_ vector: inout [Float]) throws(RemoteError) {
        let norm = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard norm.isFinite, norm > 0 else {
            throw RemoteError(
                .notFinite,
                "a vector of its server is zero or holds what is no finite number"
            )
        }
        for index in vector.indices { vector[index] = Float(Double(vector[index]) / norm) }
    }
}
