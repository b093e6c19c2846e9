import TestSupport

/// Random texts that are the same here and in `scripts/make_fixtures.py`.
enum RandomText {
    private static let ranges: [ClosedRange<UInt64>] = [
        0x20...0x7e, 0x61...0x7a, 0x00...0x24f, 0x300...0x36f, 0x370...0x1fff, 0x2000...0x33ff,
        0x3400...0x9fff, 0xa000...0xffff, 0x1_0000...0x1_ffff, 0x2_0000...0x2_ffff, 0...0x10_ffff,
    ]
    private static let words = [
        "[CLS]", "[SEP]", "[MASK]", " ", " wing ", "##s", "ing", "I\u{307}", "\u{c5}", ".",
    ]

    /// Up to 24 pieces: scalars out of a block drawn for each, now and then a word.
    static func make(seed: UInt64) -> String {
        var random = SeededRandom(seed: seed)
        var text = String.UnicodeScalarView()
        for _ in 0..<random.next() % 24 + 1 {
            let kind = Int(random.next() % UInt64(ranges.count + 2))
            guard kind < ranges.count else {
                let word = words[Int(random.next() % UInt64(words.count))]
                text.append(contentsOf: word.unicodeScalars)
                continue
            }
            let range = ranges[kind]
            let value = range.lowerBound + random.next() % UInt64(range.count)
            text.append(Unicode.Scalar(UInt32(value)) ?? " ")
        }
        return String(text)
    }
}
