import CKernels
import Kernels
import TestSupport
import Testing

/// The C tables themselves: every instruction set that this machine runs, against the scalar one.
@Suite("Byte code kernels")
struct ByteCodeKernelTests {
    /// Odd ones, those beside a whole cache line, and those of models.
    private static let dimensions = [
        1, 2, 3, 17, 31, 63, 64, 65, 100, 127, 128, 129, 384, 385, 768, 1_023, 1_024, 4_097,
    ]

    /// A vector's stored code and its scale.
    private static func encoded(_ vector: [Float]) -> (code: [UInt8], scale: Float) {
        var code = [UInt8](repeating: 0, count: ByteCodes.byteCount(dimension: vector.count))
        // SAFETY: the code has room for the vector's.
        let scale = unsafe ByteCodes.encode(vector, dimension: vector.count, into: &code)
        return (code, scale)
    }

    /// A stored code in a query's form, with its sum.
    private static func asQuery(_ code: [UInt8]) -> (code: [Int8], sum: Int32) {
        var query = [Int8](repeating: 0, count: code.count)
        // SAFETY: both hold a code of the same size.
        let sum = unsafe ragd_bytecode_as_query(code, code.count, &query)
        return (query, sum)
    }

    private static func products(
        _ isa: UInt32,
        _ query: [Int8],
        _ rows: [[UInt8]]
    ) throws -> [Int32] {
        // SAFETY: tables are constants.
        let table = unsafe try #require(ragd_bytecode_kernels_for(ragd_isa(isa))).pointee
        var out = [Int32](repeating: 0, count: rows.count)
        let flat = Array(rows.joined())
        // SAFETY: each row holds as many bytes as the query, `out` an element a row.
        unsafe flat.withUnsafeBufferPointer { buffer in
            guard let first = buffer.baseAddress else { return }
            let places = unsafe rows.indices.map { unsafe first + $0 * query.count }
            unsafe table.product_gather(query, places, rows.count, query.count, &out)
        }
        return out
    }

    @Test("products equal scalar to the bit", arguments: VectorKernelTests.instructionSets)
    func productsEqualScalar(isa: UInt32) throws {
        var random = SeededRandom(seed: 41)
        for dimension in Self.dimensions {
            let query = Self.asQuery(
                Self.encoded((0..<dimension).map { _ in random.normal() }).code
            )
            for count in [1, 3, 4, 5, 33] {
                let rows = (0..<count).map { _ in
                    Self.encoded((0..<dimension).map { _ in random.normal() }).code
                }
                let expected = try Self.products(RAGD_ISA_SCALAR.rawValue, query.code, rows)
                #expect(
                    try Self.products(isa, query.code, rows) == expected,
                    "\(dimension) elements"
                )
            }
        }
    }

    @Test(
        "products of extreme bytes neither saturate nor overflow",
        arguments: VectorKernelTests.instructionSets + [0],
        [64, 384, Int(RAGD_BYTECODE_BYTES_MAX)]
    )
    func extremes(isa: UInt32, byteCount: Int) throws {
        for query in [-128, -127, 127] as [Int8] {
            for row in [0, 1, 128, 255] as [UInt8] {
                let queries = [Int8](repeating: query, count: byteCount)
                let rows = [[UInt8]](repeating: Array(repeating: row, count: byteCount), count: 5)
                let products = try Self.products(isa, queries, rows)
                let expected = Int32(clamping: Int(query) * Int(row) * byteCount)
                #expect(products.allSatisfy { $0 == expected }, "\(query) × \(row)")
            }
        }
    }

    @Test("a code stands for its vector to half a step", arguments: [1, 17, 64, 384, 1_023])
    func encoding(dimension: Int) {
        var random = SeededRandom(seed: 42)
        for magnitude in [1e-30, 1, 1e30] as [Float] {
            let vector = (0..<dimension).map { _ in magnitude * random.normal() }
            let (code, scale) = Self.encoded(vector)
            for (element, byte) in zip(vector, code) {
                #expect(abs(element - scale * Float(Int(byte) - 128)) <= 0.501 * scale)
            }
            #expect(code.prefix(dimension).contains { $0 == 1 || $0 == 255 })
            #expect(code.dropFirst(dimension).allSatisfy { $0 == 128 }, "padding")
            let query = Self.asQuery(code)
            #expect(zip(query.code, code).allSatisfy { Int($0) == Int($1) - 128 })
            #expect(Int(query.sum) == code.reduce(0) { $0 + Int($1) - 128 })
        }
    }

    @Test(
        "vectors without magnitude have codes of zeros",
        arguments: [0, -0.0, .leastNonzeroMagnitude, -.leastNormalMagnitude] as [Float]
    )
    func zeros(element: Float) {
        let (code, scale) = Self.encoded(Array(repeating: element, count: 70))
        #expect(scale == 0 && code.allSatisfy { $0 == 128 })
    }

    @Test("the largest vectors keep their signs")
    func largest() {
        let (code, scale) = Self.encoded([.greatestFiniteMagnitude, -.greatestFiniteMagnitude, 0])
        #expect(Array(code.prefix(3)) == [255, 1, 128] && scale.isFinite)
    }

    @Test("ties are rounded to even")
    func ties() {
        let (code, scale) = Self.encoded([127, 0.5, 1.5, 2.5, -0.5, -1.5])
        #expect(scale == 1 && code.prefix(6).map { Int($0) - 128 } == [127, 0, 2, 2, 0, -2])
    }
}
