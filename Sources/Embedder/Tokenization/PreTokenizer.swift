/// The BERT pre-tokenizer: words end at white space, and each punctuation mark is a word.
///
/// Thread safety: immutable.
package struct PreTokenizer: Sendable {
    private let table = ScalarTable.shared
    private let ascii: [ScalarTraits]

    package init() {
        ascii = (0..<0x80).map { (byte: UInt8) in ScalarTable.shared[Unicode.Scalar(byte)] }
    }

    /// Appends the byte range of each word in `range` of `bytes`, in order.
    package func split(_ bytes: Span<UInt8>, in range: Range<Int>, into words: inout [Range<Int>]) {
        let separates: ScalarTraits = [.whitespace, .punctuation]
        var wordStart = range.lowerBound
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = bytes[position]
            let traits: ScalarTraits
            var next = position + 1
            if byte < 0x80 {
                traits = ascii[Int(byte)]
            } else {
                let (scalar, byteCount) = bytes.decodeScalar(at: position)
                traits = table[scalar]
                next = position + byteCount
            }
            if !traits.isDisjoint(with: separates) {
                if wordStart < position { words.append(wordStart..<position) }
                if !traits.contains(.whitespace) { words.append(position..<next) }
                wordStart = next
            }
            position = next
        }
        if wordStart < range.upperBound { words.append(wordStart..<range.upperBound) }
    }
}
