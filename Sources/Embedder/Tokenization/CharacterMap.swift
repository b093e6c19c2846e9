import Foundation
@_spi(_Unicode) import Swift

/// SentencePiece's precompiled character map: a double-array trie from short byte strings to what
/// takes their place, `Precompiled` in a tokenizer file.
///
/// The reference looks up each grapheme cluster of less than six bytes, and replaces all of it by what
/// the *shortest* matching prefix maps to; what has none is looked up scalar by scalar. SentencePiece
/// itself takes the longest match at each place. Published token ids come from the former.
///
/// Thread safety: immutable.
struct CharacterMap: Sendable {
    /// Clusters of more bytes are looked up scalar by scalar.
    private static let clusterSizeMax = 5

    /// The trie's units, in the layout of Darts-clone.
    private let units: [UInt32]
    /// The replacements, UTF-8, each ended by a zero.
    private let replacements: [UInt8]
    /// Whether an ASCII byte stands for itself, and is a cluster before another.
    private let isPlain: [Bool]

    /// Reads `precompiled_charsmap`: the trie's size in bytes, the trie, the replacements.
    init(_ node: JSONNode) throws(EmbedderError) {
        guard let data = Data(base64Encoded: try node.string()) else {
            throw node.failure("is not Base64")
        }
        let bytes = Array(data)
        guard let trieSize = Self.word(bytes, at: 0).map(Int.init), trieSize.isMultiple(of: 4),
            trieSize > 0, trieSize <= bytes.count - 4
        else { throw node.failure("is cut short, or its trie is not of whole words") }
        let units = stride(from: 4, to: 4 + trieSize, by: 4)
            .compactMap { Self.word(bytes, at: $0) }
        self.units = units
        replacements = Array(bytes[(4 + trieSize)...])
        guard String(validating: replacements, as: UTF8.self) != nil else {
            throw node.failure("has replacements that are not UTF-8")
        }
        isPlain = (0..<0x80).map { (byte: UInt8) in
            // A line feed joins a carriage return before it, so neither is passed over.
            byte != 0x0a && byte != 0x0d
                && Self.shortestMatch([byte].span, in: 0..<1, units: units) == nil
        }
    }

    private static func word(_ bytes: [UInt8], at offset: Int) -> UInt32? {
        guard offset + 4 <= bytes.count else { return nil }
        return bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    // MARK: - Mapping

    /// Maps `text` by way of `scratch`.
    func map(_ text: inout NormalizedText, scratch: inout NormalizedText) {
        guard !text.bytes.allSatisfy({ $0 < 0x80 && isPlain[Int($0)] }) else { return }
        scratch.begin(at: text.base, capacity: text.bytes.count)
        var writer = Writer()
        var start = 0
        while start < text.bytes.count {
            let end = clusterEnd(text.bytes.span, from: start)
            let cluster = start..<end
            if cluster.count <= Self.clusterSizeMax,
                let replacement = replacement(text.bytes.span, cluster)
            {
                writer.replace(cluster, of: text, by: replacement, of: replacements, in: &scratch)
            } else {
                mapScalars(of: cluster, in: text, writer: &writer, into: &scratch)
            }
            start = end
        }
        writer.flush(text, into: &scratch)
        swap(&text, &scratch)
    }

    private func mapScalars(
        of cluster: Range<Int>,
        in text: NormalizedText,
        writer: inout Writer,
        into output: inout NormalizedText
    ) {
        var position = cluster.lowerBound
        while position < cluster.upperBound {
            let (scalar, byteCount) = text.bytes.span.decodeScalar(at: position)
            let range = position..<position + byteCount
            if let replacement = replacement(text.bytes.span, range) {
                writer.replace(range, of: text, by: replacement, of: replacements, in: &output)
            } else {
                writer.write(scalar, change: 0, replacing: text, in: &output)
            }
            position = range.upperBound
        }
    }

    /// Where the grapheme cluster that starts at `start` ends.
    private func clusterEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
        if bytes[start] < 0x80, isPlain[Int(bytes[start])],
            start + 1 == bytes.count || bytes[start + 1] < 0x80
        {
            return start + 1
        }
        var recognizer = Unicode._CharacterRecognizer()
        var end = start
        while end < bytes.count {
            let (scalar, byteCount) = bytes.decodeScalar(at: end)
            if recognizer.hasBreak(before: scalar), end > start { break }
            end += byteCount
        }
        return end
    }

    /// Where in `replacements` that of `range` stands, nil when it has none.
    private func replacement(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int>? {
        guard let start = Self.shortestMatch(bytes, in: range, units: units),
            replacements.indices.contains(start)
        else { return nil }
        let end = replacements[start...].firstIndex(of: 0) ?? replacements.count
        return start..<end
    }

    /// The value of the shortest key that `range` of `bytes` starts with.
    private static func shortestMatch(
        _ bytes: Span<UInt8>,
        in range: Range<Int>,
        units: [UInt32]
    ) -> Int? {
        var position = offset(units[0])
        for index in range {
            let byte = bytes[index]
            // A zero ends a key.
            guard byte != 0 else { return nil }
            position ^= Int(byte)
            guard units.indices.contains(position) else { return nil }
            let unit = units[position]
            guard unit & (1 << 31 | 0xff) == UInt32(byte) else { return nil }
            position ^= offset(unit)
            let hasValue = unit >> 8 & 1 == 1
            if hasValue, units.indices.contains(position) {
                return Int(units[position] & (1 << 31 - 1))
            }
        }
        return nil
    }

    /// How far the children of a unit are, to be combined by exclusive or.
    private static func offset(_ unit: UInt32) -> Int {
        Int(unit >> 10) << Int((unit & (1 << 9)) >> 6)
    }
}

// MARK: - Writing

extension CharacterMap {
    /// Writes one scalar late, because what follows may still change what it stands for.
    private struct Writer {
        private var last: (scalar: Unicode.Scalar, change: Int)?
        private var cursor = 0

        mutating func write(
            _ scalar: Unicode.Scalar,
            change: Int,
            replacing text: NormalizedText,
            in output: inout NormalizedText
        ) {
            flush(text, into: &output)
            last = (scalar, change)
        }

        mutating func flush(_ text: NormalizedText, into output: inout NormalizedText) {
            guard let (scalar, change) = last else { return }
            output.append(scalar, change: change, replacing: text, at: &cursor)
            last = nil
        }

        /// Writes `replacement` for `range` of `text`.
        ///
        /// Of more scalars than before the last are additions; when they are fewer, the last one
        /// written stands for the rest. At the start of a text there is none yet, and what was
        /// removed is then counted to what follows, as in the reference.
        mutating func replace(
            _ range: Range<Int>,
            of text: NormalizedText,
            by replacement: Range<Int>,
            of replacements: [UInt8],
            in output: inout NormalizedText
        ) {
            let oldCount = Self.scalarCount(text.bytes.span, in: range)
            let newCount = Self.scalarCount(replacements.span, in: replacement)
            var position = replacement.lowerBound
            for index in 0..<newCount {
                let (scalar, byteCount) = replacements.span.decodeScalar(at: position)
                let change = index < oldCount ? 0 : 1
                write(scalar, change: change, replacing: text, in: &output)
                position += byteCount
            }
            if newCount < oldCount { last?.change -= oldCount - newCount }
        }

        private static func scalarCount(_ bytes: Span<UInt8>, in range: Range<Int>) -> Int {
            var count = 0
            for index in range where bytes[index] & 0xc0 != 0x80 { count += 1 }
            return count
        }
    }
}
