import Foundation

/// Rows of little-endian f32.
struct VectorFile {
    private let data: Data

    /// Maps a file.
    init(_ path: String) throws {
        data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    }

    private static let rowByteCount = StoreBenchmark.dimension * 4

    var count: Int { data.count / Self.rowByteCount }

    func row(_ place: Int) -> [Float] {
        let bytes = data.dropFirst(place * Self.rowByteCount).prefix(Self.rowByteCount)
        return stride(from: bytes.startIndex, to: bytes.endIndex, by: 4).map { start in
            let word = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * $1) }
            return Float(bitPattern: word)
        }
    }

    /// A row; past the last one, an earlier row with noise.
    func vector(_ place: Int, _ random: inout Noise) -> [Float] {
        place < count ? row(place) : random.near(row(place % count))
    }
}

/// Gaussian noise from a seed.
struct Noise {
    private var generator: SplitMix64

    init(seed: UInt64) {
        generator = SplitMix64(state: seed)
    }

    /// A vector at a cosine of about 0.9 from `vector`, which has unit length.
    mutating func near(_ vector: [Float]) -> [Float] {
        let spread = 0.48 / Float(vector.count).squareRoot()
        return vector.map { $0 + spread * normal() }
    }

    /// A draw of mean 0 and variance 1 (Box and Muller).
    private mutating func normal() -> Float {
        let radius = (-2 * log(Float.random(in: 1e-7..<1, using: &generator))).squareRoot()
        return radius * cos(2 * .pi * Float.random(in: 0..<1, using: &generator))
    }

    private struct SplitMix64: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            // Safe: modular arithmetic is the definition.
            state &+= 0x9e37_79b9_7f4a_7c15
            var bits = state
            bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
            bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
            return bits ^ bits >> 31
        }
    }
}
