import CKernels
import Kernels
import TestSupport
import Testing

/// The C tables themselves: every instruction set that this machine runs, against the scalar one.
@Suite("Vector kernels")
struct VectorKernelTests {
    /// The instruction sets to compare with scalar.
    static let instructionSets = [RAGD_ISA_AVX2, RAGD_ISA_AVX512, RAGD_ISA_NEON]
        .filter { ragd_isa_supported($0) == 1 }
        .map(\.rawValue)

    /// Every remainder of every unroll step, the common size and an odd one.
    static let counts = Array(0...131) + [384, 1_023]

    /// A table's functions, as ones on arrays.
    struct Table {
        private let kernels: ragd_vector_kernels

        init(_ isa: UInt32) throws {
            // SAFETY: tables are constants.
            unsafe kernels = try #require(ragd_vector_kernels_for(ragd_isa(isa))).pointee
        }

        static let scalar = try? Table(RAGD_ISA_SCALAR.rawValue)

        func dot(_ a: [Float], _ b: [Float]) -> Float {
            // SAFETY: both arrays hold `a.count` elements.
            unsafe kernels.dot(a, b, a.count)
        }

        func squaredDistance(_ a: [Float], _ b: [Float]) -> Float {
            // SAFETY: both arrays hold `a.count` elements.
            unsafe kernels.squared_distance(a, b, a.count)
        }

        /// dot_rows, squared_distance_rows, dot_gather, squared_distance_gather.
        func batches(_ query: [Float], rows: [Float], count: Int) -> [[Float]] {
            let dimension = query.count
            var results = [[Float]](repeating: Array(repeating: 0, count: count), count: 4)
            // SAFETY: `rows` holds count × dimension elements, each result `count`.
            unsafe rows.withUnsafeBufferPointer { buffer in
                guard let first = buffer.baseAddress else { return }
                let places = unsafe (0..<count).map { unsafe first + $0 * dimension }
                unsafe kernels.dot_rows(query, first, count, dimension, &results[0])
                unsafe kernels.squared_distance_rows(query, first, count, dimension, &results[1])
                unsafe kernels.dot_gather(query, places, count, dimension, &results[2])
                unsafe kernels.squared_distance_gather(
                    query,
                    places,
                    count,
                    dimension,
                    &results[3]
                )
            }
            return results
        }
    }

    /// Rounding grows with the terms' magnitudes: a few ulps of their sum.
    private static func isClose(_ a: Float, _ b: Float, magnitude: Float) -> Bool {
        abs(a - b) <= 1e-6 * (magnitude + 1)
    }

    @Test("single pairs equal scalar at every length", arguments: instructionSets)
    func pairsEqualScalar(isa: UInt32) throws {
        let (table, scalar) = (try Table(isa), try #require(Table.scalar))
        var random = SeededRandom(seed: 1)
        for count in Self.counts {
            let a = (0..<count).map { _ in random.normal() }
            let b = (0..<count).map { _ in random.normal() }
            let magnitude = zip(a, b).reduce(0) { $0 + abs($1.0 * $1.1) }
            #expect(Self.isClose(table.dot(a, b), scalar.dot(a, b), magnitude: magnitude))
            let expected = scalar.squaredDistance(a, b)
            let distance = table.squaredDistance(a, b)
            #expect(Self.isClose(distance, expected, magnitude: expected), "\(count) elements")
        }
    }

    @Test("batches of rows equal single pairs", arguments: instructionSets + [0])
    func batchesEqualPairs(isa: UInt32) throws {
        let table = try Table(isa)
        var random = SeededRandom(seed: 2)
        for (dimension, count) in [(1, 1), (3, 5), (16, 4), (17, 9), (100, 13), (384, 11)] {
            let query = (0..<dimension).map { _ in random.normal() }
            let rows = (0..<dimension * count).map { _ in random.normal() }
            let results = table.batches(query, rows: rows, count: count)
            for row in 0..<count {
                let vector = Array(rows[row * dimension..<(row + 1) * dimension])
                let dot = table.dot(query, vector)
                let distance = table.squaredDistance(query, vector)
                for (result, expected) in zip(results, [dot, distance, dot, distance]) {
                    #expect(
                        Self.isClose(result[row], expected, magnitude: Float(dimension)),
                        "row \(row) of \(count) × \(dimension)"
                    )
                }
            }
        }
    }

    @Test(
        "a row's distance does not depend on its place in a batch",
        arguments: instructionSets + [0]
    )
    func placeDoesNotMatter(isa: UInt32) throws {
        let table = try Table(isa)
        var random = SeededRandom(seed: 3)
        for dimension in [1, 12, 16, 33, 384, 1_023] {
            let query = (0..<dimension).map { _ in random.normal() }
            let row = (0..<dimension).map { _ in random.normal() }
            let rows = Array(repeatElement(row, count: 11).joined())
            let results = table.batches(query, rows: rows, count: 11)
            #expect(results.allSatisfy { Set($0).count == 1 }, "\(dimension) elements")
            #expect(results[0] == results[2] && results[1] == results[3])
        }
    }

    @Test("NaN and infinities propagate from every place", arguments: instructionSets + [0])
    func nonFinitePropagates(isa: UInt32) throws {
        let table = try Table(isa)
        for count in [1, 7, 8, 15, 33, 67, 384] {
            for place in [0, count / 2, count - 1] {
                var a = [Float](repeating: 0.5, count: count)
                let b = [Float](repeating: 2, count: count)
                a[place] = .nan
                #expect(table.dot(a, b).isNaN && table.squaredDistance(a, b).isNaN)
                let results = table.batches(b, rows: a + a + a + a + a, count: 5)
                #expect(results.joined().filter { !$0.isNaN }.isEmpty)
                a[place] = .infinity
                #expect(table.dot(a, b) == .infinity)
                #expect(table.squaredDistance(a, b) == .infinity)
                var zero = b
                zero[place] = 0
                #expect(table.dot(a, zero).isNaN, "infinity times zero")
            }
        }
    }

    @Test("an instruction set that the CPU lacks is never selected")
    func selectedIsSupported() {
        #expect(ragd_isa_supported(ragd_isa_selected()) == 1)
        #expect(["scalar", "avx2", "avx512", "avx512bf16", "neon"].contains(CPU.instructionSet))
    }
}
