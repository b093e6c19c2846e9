import Foundation
import Synchronization

/// What is indexed and searched for, and what is right.
struct BenchmarkData: Sendable {
    let dimension: Int
    let base: [Float]
    let queries: [[Float]]
    let truth: [Set<Int64>]

    var baseCount: Int { base.count / dimension }

    init(base: String, queries: String, truth: String, dimension: Int, hitCount: Int) throws {
        self.dimension = dimension
        self.base = try Self.floats(base)
        self.queries = Self.rows(try Self.floats(queries), of: dimension)
        self.truth = Self.rows(try Self.words(truth).map { Int64($0) }, of: hitCount).map {
            Set($0)
        }
    }

    /// The numbers of a file.
    static func floats(_ path: String) throws -> [Float] {
        try words(path).map { Float(bitPattern: $0) }
    }

    private static func words(_ path: String) throws -> [UInt32] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        return stride(from: 0, to: bytes.count - 3, by: 4).map { place in
            UInt32(bytes[place]) | UInt32(bytes[place + 1]) << 8 | UInt32(bytes[place + 2]) << 16
                | UInt32(bytes[place + 3]) << 24
        }
    }

    /// A flat array in rows of `count` elements.
    static func rows<Element>(_ flat: [Element], of count: Int) -> [[Element]] {
        stride(from: 0, to: flat.count, by: count).map { Array(flat[$0..<$0 + count]) }
    }
}

/// What each thread has counted.
final class Parts: Sendable {
    private let parts: Mutex<[[Int]]>

    init(count: Int) {
        parts = Mutex(Array(repeating: [], count: count))
    }

    var all: [Int] { parts.withLock { $0.flatMap(\.self) } }

    func set(_ part: [Int], at place: Int) {
        parts.withLock { $0[place] = part }
    }
}
