import TestSupport
import Testing
import VectorStore

@Suite("Stored blobs")
struct StoredBlobTests {
    @Test("give back what was wrapped", arguments: [0, 1, 15, 16, 17, 1_000, 65_536])
    func roundTrip(count: Int) throws {
        var random = SeededRandom(seed: UInt64(count))
        let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        let pattern = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7) }
        for bytes in [noise, pattern] {
            for compress in [true, false] {
                let blob = StoredBlob.encode(bytes, compress: compress)
                #expect(blob.count <= bytes.count + StoredBlob.headerByteCount)
                #expect(try StoredBlob.decode(blob.span, countMax: count, "it") == bytes)
            }
        }
    }

    @Test("give back vectors bit by bit", arguments: [1, 3, 384])
    func vectorRoundTrip(dimension: Int) throws {
        var random = SeededRandom(seed: 1)
        let vector = random.unitVector(dimension: dimension)
        let blob = StoredBlob.encode(vector: vector)
        let decoded = try StoredBlob.decodeVector(blob.span, dimension: dimension, "it")
        #expect(decoded.map(\.bitPattern) == vector.map(\.bitPattern))
    }

    @Test("refuse a change of any byte, and any cut or addition")
    func damage() throws {
        let blob = StoredBlob.encode(Array(repeating: 7, count: 300))
        for index in blob.indices {
            for bit in 0..<8 {
                var damaged = blob
                damaged[index] ^= 1 << UInt8(bit)
                expectCorrupted(damaged)
            }
        }
        for count in 0..<blob.count { expectCorrupted(Array(blob.prefix(count))) }
        expectCorrupted(blob + [0])
    }

    @Test("refuse more than the reader's cap before making room for it")
    func cap() {
        let blob = StoredBlob.encode(Array(repeating: 0, count: 1_000))
        #expect(throws: VectorStoreError.self) {
            try StoredBlob.decode(blob.span, countMax: 999, "it")
        }
        #expect(throws: VectorStoreError.self) {
            try StoredBlob.decodeVector(blob.span, dimension: 250, "it")
        }
    }

    private func expectCorrupted(_ blob: [UInt8]) {
        #expect {
            try StoredBlob.decode(blob.span, countMax: 1 << 20, "it")
        } throws: {
            ($0 as? VectorStoreError)?.code == .corrupted
        }
    }
}
