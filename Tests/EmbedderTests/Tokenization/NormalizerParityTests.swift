import Embedder
import Testing

/// Every Unicode scalar through the normaliser and the pre-tokenizer, against the library's tables.
@Suite("Normalizer parity")
struct NormalizerParityTests {
    @Test("each scalar is normalised and split as the library does")
    func everyScalar() throws {
        let normalizer = Normalizer(
            cleansText: true,
            isolatesIdeographs: true,
            stripsAccents: true,
            lowercases: true
        )
        let expected = try TokenizationFixtures.fingerprints("scalars.u64")
        #expect(expected.count == 0x11_0000 / 256)
        for (block, fingerprint) in expected.enumerated() {
            let first = UInt32(block) * 256
            let actual = Self.fingerprint(of: first..<first + 256, normalizer)
            #expect(actual == fingerprint, "block U+\(String(first, radix: 16))")
        }
    }

    /// What the script makes of a block: the normalised scalars, and the words as scalar offsets.
    private static func fingerprint(of block: Range<UInt32>, _ normalizer: Normalizer) -> UInt64 {
        var fingerprint = Fingerprint()
        var normalized = NormalizedText()
        var words: [Range<Int>] = []
        for scalar in block.compactMap(Unicode.Scalar.init) {
            let source = Array("a\(scalar)b".utf8)
            normalizer.normalize(source.span, in: 0..<source.count, into: &normalized)
            let text = String(decoding: normalized.bytes, as: UTF8.self)
            for scalar in text.unicodeScalars { fingerprint.append(Int32(scalar.value)) }
            fingerprint.append(-1)
            words.removeAll(keepingCapacity: true)
            PreTokenizer().split(
                normalized.bytes.span,
                in: 0..<normalized.bytes.count,
                into: &words
            )
            for word in words {
                for offset in [word.lowerBound, word.upperBound] {
                    let prefix = normalized.bytes[..<offset]
                    fingerprint.append(Int32(prefix.count { $0 & 0xc0 != 0x80 }))
                }
            }
            fingerprint.append(-2)
        }
        return fingerprint.value
    }

    @Test("lower-casing is known to change a scalar before it is asked for")
    func lowercaseFlag() {
        for value in 0..<UInt32(0x11_0000) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let properties = scalar.properties
            let changes =
                properties.lowercaseMapping.unicodeScalars.elementsEqual([scalar]) == false
            #expect(!changes || properties.changesWhenLowercased, "U+\(String(value, radix: 16))")
        }
    }
}
