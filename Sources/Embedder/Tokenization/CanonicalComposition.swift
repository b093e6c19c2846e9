@_spi(_Unicode) import Swift

/// Normalization Form C, as Unicode 9 had it: the version of the reference's tables.
///
/// The Unicode Standard, annex 15. Nearly every text is in the form already, which a pass over its
/// scalars shows: all of them are *stable*, that is, stay whatever stands beside them. What is not
/// is worked on in runs of one stable scalar and the others up to the next.
///
/// Thread safety: immutable.
struct CanonicalComposition: Sendable {
    /// Made once a process, in a few milliseconds.
    static let shared = CanonicalComposition()

    /// The last block of alphabets, before the ideographs.
    private static let tabulated = 0x3400
    /// Where the composites are: below the ideographs, and in the Indic scripts of plane 1.
    private static let compositeBlocks: [Range<UInt32>] = [0xc0..<0x3400, 0x1_1000..<0x1_2000]

    /// The composites by their two parts.
    private let composites: [UInt64: Unicode.Scalar]
    /// The second parts of `composites`.
    private let seconds: Set<Unicode.Scalar>
    /// Whether a scalar is stable, for the first scalars.
    private let isStableBelow: [Bool]

    private init() {
        let composites = Self.makeComposites()
        let seconds = Set(composites.keys.compactMap { Unicode.Scalar(UInt32($0 & 0xffff_ffff)) })
        self.composites = composites
        self.seconds = seconds
        isStableBelow = (0..<Self.tabulated).map { value in
            Unicode.Scalar(UInt32(value)).map { Self.computeIsStable($0, seconds: seconds) }
                ?? false
        }
    }

    private static func makeComposites() -> [UInt64: Unicode.Scalar] {
        var composites: [UInt64: Unicode.Scalar] = [:]
        for scalar in compositeBlocks.joined().compactMap(Unicode.Scalar.init) {
            guard let parts = parts(of: scalar) else { continue }
            composites[key(parts.first, parts.second)] = scalar
        }
        return composites
    }

    /// The two scalars that compose into `scalar`, nil when none do.
    private static func parts(
        of scalar: Unicode.Scalar
    ) -> (first: Unicode.Scalar, second: Unicode.Scalar)? {
        var parts: [Unicode.Scalar] = []
        CanonicalDecomposition.append(scalar, to: &parts)
        guard parts.count > 1, let second = parts.popLast(), isComposed(scalar) else { return nil }
        var prefix = String.UnicodeScalarView()
        prefix.append(contentsOf: parts)
        let first = Array(String(prefix)._nfc)
        return first.count == 1 ? (first[0], second) : nil
    }

    /// Whether the scalar alone is in the form.
    private static func isComposed(_ scalar: Unicode.Scalar) -> Bool {
        Array(String(Character(scalar))._nfc) == [scalar]
    }

    private static func computeIsStable(
        _ scalar: Unicode.Scalar,
        seconds: Set<Unicode.Scalar>
    ) -> Bool {
        CanonicalDecomposition.combiningClass(of: scalar) == 0
            && !seconds.contains(scalar)
            && !isConjoining(scalar)
            && (!CanonicalDecomposition.mayChange(scalar) || isComposed(scalar))
    }

    /// Whether the scalar is a Hangul vowel or trailing consonant.
    private static func isConjoining(_ scalar: Unicode.Scalar) -> Bool {
        (0x1161...0x1175).contains(scalar.value) || (0x11a7...0x11c2).contains(scalar.value)
    }

    private static func key(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> UInt64 {
        UInt64(first.value) << 32 | UInt64(second.value)
    }

    // MARK: - Composing

    /// Brings `text` into the form, by way of `scratch`.
    func compose(_ text: inout NormalizedText, scratch: inout NormalizedText) {
        guard !isComposed(text.bytes.span) else { return }
        scratch.begin(at: text.base, capacity: text.bytes.count)
        var cursor = 0
        var start = 0
        while start < text.bytes.count {
            let (scalar, byteCount) = text.bytes.span.decodeScalar(at: start)
            let end = runEnd(text.bytes.span, from: start + byteCount)
            if end == start + byteCount, isStable(scalar) {
                scratch.append(scalar, change: 0, replacing: text, at: &cursor)
            } else {
                for part in composed(text.bytes.span, in: start..<end) {
                    scratch.append(part.scalar, change: part.change, replacing: text, at: &cursor)
                }
            }
            start = end
        }
        swap(&text, &scratch)
    }

    /// Whether the scalar stays, whatever stands beside it, if that is stable too.
    @inline(__always)
    private func isStable(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        if value < Self.tabulated { return isStableBelow[Int(value)] }
        switch value {
        case 0x3400..<0xa000, 0xac00...0xd7a3: return true
        default: return Self.computeIsStable(scalar, seconds: seconds)
        }
    }

    private func isComposed(_ bytes: Span<UInt8>) -> Bool {
        var position = 0
        while position < bytes.count {
            guard bytes[position] >= 0x80 else {
                position += 1
                continue
            }
            let (scalar, byteCount) = bytes.decodeScalar(at: position)
            guard isStable(scalar) else { return false }
            position += byteCount
        }
        return true
    }

    /// Where the next stable scalar starts.
    private func runEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while end < bytes.count {
            let (scalar, byteCount) = bytes.decodeScalar(at: end)
            guard !isStable(scalar) else { break }
            end += byteCount
        }
        return end
    }

    /// A scalar with the change in the number of scalars that it stands for, as
    /// `NormalizedText.append` takes it.
    private struct Part {
        var scalar: Unicode.Scalar
        var change: Int
        var combiningClass: UInt8 = 0
    }

    private func composed(_ bytes: Span<UInt8>, in range: Range<Int>) -> [Part] {
        var result: [Part] = []
        var starter: Part?
        // Marks after the starter that did not go into it.
        var marks: [Part] = []
        for part in decomposed(bytes, in: range) {
            guard let first = starter else {
                if part.combiningClass == 0 { starter = part } else { result.append(part) }
                continue
            }
            let isBlocked = marks.last.map { $0.combiningClass >= part.combiningClass } ?? false
            if !isBlocked, let composite = composite(first.scalar, part.scalar) {
                starter = Part(scalar: composite, change: first.change + part.change - 1)
            } else if part.combiningClass == 0 {
                result.append(first)
                result += marks
                marks.removeAll()
                starter = part
            } else {
                marks.append(part)
            }
        }
        if let starter { result.append(starter) }
        return result + marks
    }

    private func decomposed(_ bytes: Span<UInt8>, in range: Range<Int>) -> [Part] {
        var parts: [Part] = []
        var scalars: [Unicode.Scalar] = []
        var position = range.lowerBound
        while position < range.upperBound {
            let (scalar, byteCount) = bytes.decodeScalar(at: position)
            position += byteCount
            scalars.removeAll(keepingCapacity: true)
            CanonicalDecomposition.append(scalar, to: &scalars)
            for (index, scalar) in scalars.enumerated() {
                let combiningClass = CanonicalDecomposition.combiningClass(of: scalar)
                let change = index == 0 ? 0 : 1
                parts.append(Part(scalar: scalar, change: change, combiningClass: combiningClass))
            }
        }
        Self.reorder(&parts)
        return parts
    }

    /// Sorts each stretch of marks by class, keeping equals in order.
    private static func reorder(_ parts: inout [Part]) {
        var start = 0
        while start < parts.count {
            guard parts[start].combiningClass != 0 else {
                start += 1
                continue
            }
            let end = parts[start...].firstIndex { $0.combiningClass == 0 } ?? parts.count
            // The standard library guarantees a stable sort.
            parts[start..<end].sort { $0.combiningClass < $1.combiningClass }
            start = end
        }
    }

    private func composite(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
        Self.hangulComposite(first.value, second.value) ?? composites[Self.key(first, second)]
    }

    /// Hangul syllables compose by arithmetic (The Unicode Standard, section 3.12).
    private static func hangulComposite(_ first: UInt32, _ second: UInt32) -> Unicode.Scalar? {
        if (0x1100...0x1112).contains(first), (0x1161...0x1175).contains(second) {
            return Unicode.Scalar(0xac00 + ((first - 0x1100) * 21 + second - 0x1161) * 28)
        }
        if (0xac00...0xd7a3).contains(first), (first - 0xac00).isMultiple(of: 28),
            (0x11a8...0x11c2).contains(second)
        {
            return Unicode.Scalar(first + second - 0x11a7)
        }
        return nil
    }
}
