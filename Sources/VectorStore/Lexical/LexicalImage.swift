import Kernels

/// A packed full-text index as it is stored: format version 1.
///
/// Little-endian, sections back to back, every length implied by the counts before it:
///
///     magic "RAGDTEXT"
///     version, analysis, rowCount, wordCount, blockCount,
///     blockWordCount, wordByteCount, reference (bits of an f32)    8 × u32
///     keys            rowCount × i64
///     lengths         rowCount × u32
///     live            one bit a row in u64s, clear for a removed row
///     wordEnds        wordCount × u32, then wordByteCount bytes
///     postingCounts, goneCounts   wordCount × u32 each
///     blockRows, blockPeaks (bits of f32s)   blockCount × u32 each
///     blockWidths     blockCount × u16
///     blocks          blockWordCount × u64
///
/// `analysis` says how texts were cut into words (`TextAnalyzer.fingerprint`). Checksums and compression
/// are the store's.
package struct LexicalImage {
    /// How texts were cut into words.
    package var analysis: UInt32
    /// The index, without fresh rows.
    package var state: LexicalState

    static let magic = Array("RAGDTEXT".utf8)
    static let version: UInt32 = 1

    package init(_ state: LexicalState, analysis: UInt32) {
        precondition(state.fresh.keys.isEmpty, "an index is packed before it is stored")
        self.state = state
        self.analysis = analysis
    }

    /// The image as bytes.
    package func encoded() -> [UInt8] {
        let base = state.base
        var gone = [UInt32](repeating: 0, count: base.wordCount)
        for (word, count) in state.gone { gone[Int(word)] = count }
        var writer = GraphWriter()
        writer.append(Self.magic)
        writer.append([
            Self.version, analysis, UInt32(base.rowCount), UInt32(base.wordCount),
            UInt32(base.blockRows.count), UInt32(base.blocks.count), UInt32(base.wordBytes.count),
            Float(base.referenceLength).bitPattern,
        ])
        writer.append(base.keys)
        writer.append(base.lengths)
        writer.append(state.live.words)
        writer.append(base.wordEnds)
        writer.append(base.wordBytes)
        writer.append(base.postingCounts)
        writer.append(gone)
        writer.append(base.blockRows)
        writer.append(base.blockPeaks.map(\.bitPattern))
        writer.append(base.blockWidths)
        writer.append(base.blocks)
        return writer.bytes
    }

    /// Reads an image and checks that it is an index: words and rows in order, blocks that fill what is
    /// there, postings of rows that exist.
    ///
    /// Nothing is allocated that the remaining bytes do not pay for.
    ///
    /// - Throws: `VectorStoreError` with code `corrupted`; no bytes can make it trap.
    package init(decoding bytes: [UInt8]) throws(VectorStoreError) {
        var reader = GraphReader(bytes)
        guard try reader.read(UInt8.self, count: Self.magic.count) == Self.magic else {
            throw .corrupted("the full-text checkpoint does not begin as one")
        }
        let head = try reader.read(UInt32.self, count: 8)
        guard head[0] == Self.version else {
            throw .corrupted("the full-text checkpoint has version \(head[0]): not known here")
        }
        analysis = head[1]
        let (rowCount, wordCount, blockCount) = (Int(head[2]), Int(head[3]), Int(head[4]))
        let keys = try reader.read(Int64.self, count: rowCount)
        let lengths = try reader.read(UInt32.self, count: rowCount)
        let live = RowBitmap(words: try reader.read(UInt64.self, count: (rowCount + 63) / 64))
        let wordEnds = try reader.read(UInt32.self, count: wordCount)
        let wordBytes = try reader.read(UInt8.self, count: Int(head[6]))
        let postingCounts = try reader.read(UInt32.self, count: wordCount)
        let goneCounts = try reader.read(UInt32.self, count: wordCount)
        let blockRows = try reader.read(UInt32.self, count: blockCount)
        let peaks = try reader.read(UInt32.self, count: blockCount).map(Float.init(bitPattern:))
        let widths = try reader.read(UInt16.self, count: blockCount)
        let blocks = try reader.read(UInt64.self, count: Int(head[5]))
        let reference = Double(Float(bitPattern: head[7]))
        guard reader.isAtEnd else {
            throw .corrupted("the full-text checkpoint goes on behind its end")
        }
        guard reference.isFinite, reference >= 0,
            peaks.allSatisfy({ $0.isFinite && $0 >= 0 }),
            rowCount & 63 == 0 || (live.words.last ?? 0) >> UInt64(rowCount & 63) == 0,
            Self.areWords(wordBytes, ends: wordEnds),
            Self.fill(blocks.count, widths, postingCounts)
        else { throw .corrupted("the parts of the full-text checkpoint do not fit together") }
        let base = LexicalSegment(
            keys: keys,
            lengths: lengths,
            referenceLength: reference,
            wordBytes: wordBytes,
            wordEnds: wordEnds,
            postingCounts: postingCounts,
            blockRows: blockRows,
            blockPeaks: peaks,
            blockWidths: widths,
            blocks: blocks
        )
        guard Self.hasRowsInOrder(base), zip(goneCounts, postingCounts).allSatisfy({ $0 <= $1 })
        else { throw .corrupted("the postings of the full-text checkpoint are in no order") }
        var gone: [UInt32: UInt32] = [:]
        for (word, count) in goneCounts.enumerated() where count > 0 { gone[UInt32(word)] = count }
        state = LexicalState(base: base, live: live, gone: gone)
    }

    // MARK: - Checks

    /// Whether words end one after the other, and ascend.
    private static func areWords(_ bytes: [UInt8], ends: [UInt32]) -> Bool {
        var last: ArraySlice<UInt8> = []
        var start = 0
        for end in ends {
            guard end > start, end <= bytes.count else { return false }
            let word = bytes[start..<Int(end)]
            guard last.lexicographicallyPrecedes(word) else { return false }
            (last, start) = (word, Int(end))
        }
        return start == bytes.count
    }

    /// Whether blocks of these widths are all that there is in `blockWordCount` words.
    private static func fill(
        _ blockWordCount: Int,
        _ widths: [UInt16],
        _ postingCounts: [UInt32]
    ) -> Bool {
        var block = 0
        var offset = 0
        for count in postingCounts {
            guard count > 0 else { return false }
            var left = Int(count)
            while left > 0 {
                guard block < widths.count else { return false }
                let posted = min(left, PostingBlock.postingCount)
                let width = PostingBlock.Widths(packed: widths[block])
                guard width.isPossible else { return false }
                offset += width.wordCount(postingCount: posted)
                guard offset <= blockWordCount else { return false }
                left -= posted
                block += 1
            }
        }
        return block == widths.count && offset == blockWordCount
    }

    /// Whether the rows of every word ascend and exist.
    private static func hasRowsInOrder(_ segment: LexicalSegment) -> Bool {
        for word in 0..<segment.wordCount {
            var next = 0
            var isInOrder = true
            segment.forEachPosting(ofWord: word) { row, count in
                if row < next || row >= segment.rowCount || count == 0 { isInOrder = false }
                next = row + 1
            }
            guard isInOrder else { return false }
        }
        return true
    }
}
