import Foundation

/// SplitMix64: a small generator whose whole state is the seed, so that a failing test can print it.
///
/// Reference: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts the sequence that `seed` stands for.
    public init(seed: UInt64) {
        state = seed
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A draw from the standard normal distribution (Box and Muller).
    public mutating func normal() -> Float {
        let radius = (-2 * log(Double.random(in: Double.leastNonzeroMagnitude..<1, using: &self)))
            .squareRoot()
        let angle = 2 * Double.pi * Double.random(in: 0..<1, using: &self)
        return Float(radius * cos(angle))
    }

    /// A vector of `dimension` normal draws scaled to unit length.
    public mutating func unitVector(dimension: Int) -> [Float] {
        let draws = (0..<dimension).map { _ in normal() }
        let norm = draws.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return norm > 0 ? draws.map { $0 / norm } : draws
    }
}
