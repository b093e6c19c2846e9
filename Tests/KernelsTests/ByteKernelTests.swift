import CKernels
import Kernels
import TestSupport
import Testing

@Suite("CRC-32C")
struct CRC32CTests {
    @Test(
        "reproduces the vectors of RFC 3720",
        arguments: [
            ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
            ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
            (Array(0..<32), 0x46dd_794e),
            (Array((0..<32).reversed()), 0x113f_db5c),
            (Array("123456789".utf8), 0xe306_9283),
            ([], 0),
        ] as [([UInt8], UInt32)]
    )
    func knownVectors(bytes: [UInt8], checksum: UInt32) {
        #expect(CRC32C.checksum(bytes) == checksum)
    }

    @Test("table and hardware agree at every length and offset")
    func tableEqualsHardware() {
        var random = SeededRandom(seed: 3)
        let bytes = (0..<300).map { _ in UInt8.random(in: 0...255, using: &random) }
        for first in 0..<9 {
            for end in stride(from: first, through: 300, by: 7) {
                let part = Array(bytes[first..<end])
                // SAFETY: the array holds the bytes it says.
                let expected = unsafe ragd_crc32c_table(0, part, part.count)
                #expect(CRC32C.checksum(part) == expected)
            }
        }
    }

    @Test("parts continue to the checksum of the whole")
    func continues() {
        let bytes = Array("the whole is the sum of its parts".utf8)
        for split in bytes.indices {
            let first = CRC32C.checksum(Array(bytes[..<split]))
            #expect(
                CRC32C.checksum(Array(bytes[split...]), previous: first)
                    == CRC32C.checksum(bytes)
            )
        }
    }
}

@Suite("Byte shuffle")
struct ByteShuffleTests {
    @Test("planes hold the bytes of each significance")
    func planes() {
        let values = [Float(bitPattern: 0x0403_0201), Float(bitPattern: 0x1413_1211)]
        #expect(
            ByteShuffle.shuffle(values) == [0x01, 0x11, 0x02, 0x12, 0x03, 0x13, 0x04, 0x14]
        )
    }

    @Test("unshuffling restores every bit", arguments: [0, 1, 3, 16, 17, 63, 384, 1_023])
    func roundTrip(count: Int) throws {
        var random = SeededRandom(seed: UInt64(count))
        let patterns = (0..<count).map { _ in UInt32.random(in: 0...(.max), using: &random) }
        let planes = ByteShuffle.shuffle(patterns.map { Float(bitPattern: $0) })
        #expect(try #require(ByteShuffle.unshuffle(planes)).map(\.bitPattern) == patterns)
    }

    @Test("bytes that are no whole floats are refused", arguments: [1, 2, 3, 5])
    func refusesRemainder(count: Int) {
        #expect(ByteShuffle.unshuffle([UInt8](repeating: 0, count: count)) == nil)
    }
}

@Suite("Byte search")
struct ByteSearchTests {
    @Test("finds what a plain search finds, at every place", arguments: [1, 2, 3])
    func equalsPlainSearch(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for round in 0..<400 {
            // Few different bytes, so that parts of the part are everywhere.
            let letters: ClosedRange<UInt8> = 0...UInt8(1 + round % 4)
            let bytes = { (count: Int, random: inout SeededRandom) in
                (0..<count).map { _ in UInt8.random(in: letters, using: &random) }
            }
            let whole = bytes(Int.random(in: 0..<300, using: &random), &random)
            let part = bytes(Int.random(in: 1..<9, using: &random), &random)
            let sample = round.isMultiple(of: 2) ? [] : bytes(2_000, &random)
            let search = ByteSearch(part, like: sample)
            for place in stride(from: 0, through: whole.count, by: 7) {
                let expected = whole.indices.first {
                    $0 >= place && whole[$0...].starts(with: part)
                }
                #expect(search.first(in: whole, from: place) == expected, "seed \(seed)")
            }
        }
    }

    @Test("finds a part of any length at the end, and none that is longer")
    func ends() {
        let whole = Array(UInt8(0)..<200)
        for count in 1...200 {
            #expect(ByteSearch(Array(whole.suffix(count))).first(in: whole) == 200 - count)
        }
        #expect(ByteSearch(whole + [0]).first(in: whole) == nil)
        #expect(ByteSearch([0]).first(in: [], from: 0) == nil)
        #expect(ByteSearch([1]).first(in: whole, from: 2) == nil)
    }
}
