import Kernels

/// A row of numbers for each id, in the precision of the file: bf16 where it is in bf16, which halves
/// what is often the largest part of a model.
struct EmbeddingTable: Sendable {
    private let width: Int
    private let elements: Elements

    private enum Elements: Sendable {
        case floats([Float])
        case halves([UInt16])
    }

    /// Number of parameters.
    var parameterCount: Int {
        switch elements {
        case .floats(let floats): floats.count
        case .halves(let halves): halves.count
        }
    }

    /// Bytes in memory.
    var byteCount: Int {
        switch elements {
        case .floats(let floats): floats.count * MemoryLayout<Float>.stride
        case .halves(let halves): halves.count * MemoryLayout<UInt16>.stride
        }
    }

    /// Reads the table called `name`, whose rows have `width` elements.
    init(_ weights: WeightMap, name: String, width: Int) {
        self.width = width
        elements = weights.halves(name).map { .halves($0) } ?? .floats(weights.floats(name))
    }

    /// Sets `state` to the row of an id.
    func copy(_ id: Int32, to state: inout MutableSpan<Float>) {
        let first = Int(id) * width
        switch elements {
        case .floats(let floats):
            for index in 0..<width { state[index] = floats[first + index] }
        case .halves(let halves):
            // A bf16 number is the upper half of an f32 one.
            for index in 0..<width {
                state[index] = Float(bitPattern: UInt32(halves[first + index]) << 16)
            }
        }
    }
}
