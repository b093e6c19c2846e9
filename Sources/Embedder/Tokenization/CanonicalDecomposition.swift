@_spi(_Unicode) import Swift

/// Canonical decomposition of single scalars, as Unicode 9 had it.
///
/// That is the version of the reference's tables. Decompositions and combining classes of assigned
/// characters never change (Unicode's stability policy), so those of Unicode 9 are today's, for the
/// scalars that were assigned then.
enum CanonicalDecomposition {
    private static let unicodeMajor = 9

    /// Appends what `scalar` decomposes into, which is itself when it does not.
    static func append(_ scalar: Unicode.Scalar, to scalars: inout [Unicode.Scalar]) {
        if appendHangul(scalar, to: &scalars) { return }
        guard scalar.isAssigned(inUnicode: unicodeMajor) else {
            scalars.append(scalar)
            return
        }
        // The standard library's own normaliser, which has no public name yet; Foundation's would
        // go through the same function and a copy of the string.
        for part in String(Character(scalar))._nfd {
            scalars.append(part)
        }
    }

    /// Whether `scalar` may decompose into something else.
    ///
    /// False is certain, true may be wrong.
    static func mayChange(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0xc0: return false
        case 0xc0..<0x3400:
            var parts: [Unicode.Scalar] = []
            append(scalar, to: &parts)
            return parts != [scalar]
        // The blocks above that hold a decomposition in Unicode 9: this list cannot grow.
        case 0xac00...0xd7a3, 0xf900...0xfb4f, 0x1_1000...0x1_1fff, 0x1_d100...0x1_d1ff,
            0x2_f800...0x2_fa1f:
            return true
        default: return false
        }
    }

    /// The scalar's canonical combining class.
    static func combiningClass(of scalar: Unicode.Scalar) -> UInt8 {
        let combiningClass = scalar.properties.canonicalCombiningClass.rawValue
        guard combiningClass != 0, scalar.isAssigned(inUnicode: unicodeMajor) else { return 0 }
        return combiningClass
    }

    /// Hangul syllables decompose by arithmetic (The Unicode Standard, section 3.12).
    private static func appendHangul(
        _ scalar: Unicode.Scalar,
        to scalars: inout [Unicode.Scalar]
    ) -> Bool {
        guard case 0xac00...0xd7a3 = scalar.value else { return false }
        let vowelCount: UInt32 = 21
        let trailCount: UInt32 = 28
        let index = scalar.value - 0xac00
        let parts = [
            0x1100 + index / (vowelCount * trailCount),
            0x1161 + index / trailCount % vowelCount,
            0x11a7 + index % trailCount,
        ]
        // A trailing part of zero means that there is none.
        for value in index % trailCount == 0 ? parts.dropLast() : parts[...] {
            if let part = Unicode.Scalar(value) { scalars.append(part) }
        }
        return true
    }
}
