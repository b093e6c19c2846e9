/// The BERT normaliser: cleans, isolates Chinese characters, strips accents, lower-cases.
///
/// The four steps are each optional, and with none of them the text passes unchanged. They give, byte
/// for byte, the text and the alignment of the `tokenizers` library's `BertNormalizer`.
///
/// ASCII takes a table look-up a byte. Everything else is handled in *runs*: no step looks across an
/// ASCII byte that stays, because none of those has a combining class.
///
/// Thread safety: immutable.
package struct Normalizer: Sendable {
    /// Removes control characters and makes every white space a plain space.
    package let cleansText: Bool
    /// Puts a space on both sides of a Chinese character.
    package let isolatesIdeographs: Bool
    /// Decomposes canonically and removes non-spacing marks.
    package let stripsAccents: Bool
    /// Maps to lower case, scalar by scalar.
    package let lowercases: Bool

    private let table = ScalarTable.shared
    /// For each ASCII byte what becomes of it; `dropped` when nothing does.
    private let asciiMap: [UInt8]

    private static let dropped: UInt8 = 0xff

    package init(cleansText: Bool, isolatesIdeographs: Bool, stripsAccents: Bool, lowercases: Bool)
    {
        self.cleansText = cleansText
        self.isolatesIdeographs = isolatesIdeographs
        self.stripsAccents = stripsAccents
        self.lowercases = lowercases
        asciiMap = (0..<0x80).map { (byte: UInt8) in
            let traits = ScalarTable.shared[Unicode.Scalar(byte)]
            if cleansText, traits.contains(.removed) { return Self.dropped }
            if cleansText, traits.contains(.whitespace) { return UInt8(ascii: " ") }
            return lowercases && traits.contains(.lowercases) ? byte | 0x20 : byte
        }
    }

    /// Normalises `range` of `source` into `output`, replacing what that held.
    package func normalize(
        _ source: Span<UInt8>,
        in range: Range<Int>,
        into output: inout NormalizedText
    ) {
        precondition(range.count <= Int(UInt32.max), "a stretch of \(range.count) bytes")
        output.begin(at: range.lowerBound, capacity: range.count)
        var run: [AlignedScalar] = []
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = source[position]
            guard byte < 0x80 else {
                collectRun(
                    source,
                    from: &position,
                    end: range.upperBound,
                    base: range.lowerBound,
                    into: &run
                )
                emit(&run, into: &output)
                continue
            }
            let mapped = asciiMap[Int(byte)]
            if mapped != Self.dropped {
                let start = UInt32(truncatingIfNeeded: position - range.lowerBound)
                // Safe: a stretch has at most UInt32.max bytes.
                output.append(mapped, start: start, end: start &+ 1)
            }
            position += 1
        }
    }

    // MARK: - Runs

    /// Pass 1, cleaning, and pass 2, Chinese characters: reads up to the next ASCII byte that stays.
    private func collectRun(
        _ source: Span<UInt8>,
        from position: inout Int,
        end: Int,
        base: Int,
        into run: inout [AlignedScalar]
    ) {
        run.removeAll(keepingCapacity: true)
        while position < end {
            let (scalar, byteCount) = source.decodeScalar(at: position)
            if scalar.isASCII, asciiMap[Int(scalar.value)] != Self.dropped { return }
            let traits = table[scalar]
            let start = UInt32(truncatingIfNeeded: position - base)
            let end = UInt32(truncatingIfNeeded: position + byteCount - base)
            position += byteCount
            if cleansText, traits.contains(.removed) { continue }
            let space = AlignedScalar(scalar: " ", traits: .whitespace, start: start, end: end)
            if cleansText, traits.contains(.whitespace) {
                run.append(space)
                continue
            }
            let isolates = isolatesIdeographs && traits.contains(.ideograph)
            if isolates { run.append(space) }
            run.append(AlignedScalar(scalar: scalar, traits: traits, start: start, end: end))
            if isolates { run.append(space) }
        }
    }

    /// Pass 3, accents, and pass 4, lower case.
    private func emit(_ run: inout [AlignedScalar], into output: inout NormalizedText) {
        if stripsAccents { decompose(&run) }
        for item in run {
            if stripsAccents, item.traits.contains(.nonspacingMark) { continue }
            if lowercases, item.traits.contains(.lowercases) {
                for lower in item.scalar.properties.lowercaseMapping.unicodeScalars {
                    output.append(lower, start: item.start, end: item.end)
                }
            } else {
                output.append(item.scalar, start: item.start, end: item.end)
            }
        }
    }

    /// Brings the run into Normalization Form D.
    ///
    /// Alignment follows the reference: the first part of each scalar takes the next original place
    /// in turn, *after* reordering, and further parts share the place before them. Marks that
    /// change their order thus do not take their places along.
    private func decompose(_ run: inout [AlignedScalar]) {
        let changes: ScalarTraits = [.decomposes, .reorders]
        guard run.contains(where: { !$0.traits.isDisjoint(with: changes) }) else { return }
        var parts: [DecomposedScalar] = []
        parts.reserveCapacity(run.count + 8)
        var scratch: [Unicode.Scalar] = []
        for item in run {
            guard item.traits.contains(.decomposes) else {
                parts.append(DecomposedScalar(item.scalar, traits: item.traits, isFirst: true))
                continue
            }
            scratch.removeAll(keepingCapacity: true)
            CanonicalDecomposition.append(item.scalar, to: &scratch)
            for (index, part) in scratch.enumerated() {
                parts.append(DecomposedScalar(part, traits: table[part], isFirst: index == 0))
            }
        }
        DecomposedScalar.reorder(&parts)
        var consumed = 0
        run = parts.map { [run] part in
            if part.isFirst { consumed += 1 }
            let place = run[max(0, consumed - 1)]
            return AlignedScalar(
                scalar: part.scalar,
                traits: part.traits,
                start: place.start,
                end: place.end
            )
        }
    }
}

/// A scalar of a run and the place in the original that it stands for.
private struct AlignedScalar {
    var scalar: Unicode.Scalar
    var traits: ScalarTraits
    var start: UInt32
    var end: UInt32
}

/// A part of a decomposition.
private struct DecomposedScalar {
    let scalar: Unicode.Scalar
    let traits: ScalarTraits
    let combiningClass: UInt8
    /// Whether the part is the first of the scalar that it came from.
    let isFirst: Bool

    init(_ scalar: Unicode.Scalar, traits: ScalarTraits, isFirst: Bool) {
        self.scalar = scalar
        self.traits = traits
        self.isFirst = isFirst
        combiningClass =
            traits.contains(.reorders) ? CanonicalDecomposition.combiningClass(of: scalar) : 0
    }

    /// Canonical ordering: sorts each stretch of combining scalars by class, keeping equals in order.
    static func reorder(_ parts: inout [DecomposedScalar]) {
        var start = 0
        while start < parts.count {
            guard parts[start].combiningClass != 0 else {
                start += 1
                continue
            }
            let end = parts[start...].firstIndex { $0.combiningClass == 0 } ?? parts.count
            if end - start > 1 {
                // The standard library guarantees a stable sort.
                parts[start..<end].sort { $0.combiningClass < $1.combiningClass }
            }
            start = end
        }
    }
}
