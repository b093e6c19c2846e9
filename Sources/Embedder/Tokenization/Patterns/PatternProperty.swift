internal import Synchronization

/// A set of Unicode scalars that a pattern names, such as `\p{L}`, as the reference library has it.
///
/// PCRE2 has the tables of its own Unicode version, which are older or newer than those of the
/// `tokenizers` library. Compared are all scalars that the library's version has: those that PCRE2 lacks
/// are listed beside its property, and a property that has some too many is refused. Scalars that are
/// younger still are in no property of the library; a PCRE2 that knows them already takes them.
///
/// Thread safety: immutable.
struct PatternProperty: Sendable {
    /// What stands inside a class of PCRE2 for this property.
    let classContent: String

    /// White space, `\s`.
    ///
    /// PCRE2 takes U+180E for it too, which Unicode does not.
    static let whitespace = PatternProperty(
        classContent:
            #"\t-\r \x85\xa0\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"#
    )

    /// Those that were named so far: comparing one takes some ten milliseconds.
    private static let known = Mutex<[String: PatternProperty]>([:])

    /// A general category by its short name, or a group of them: `Lu`, `L`.
    ///
    /// - Throws: `PatternRefusal` for another name, and where PCRE2 has scalars too many.
    static func named(_ name: String) throws(PatternRefusal) -> PatternProperty {
        if let property = known.withLock({ $0[name] }) { return property }
        let property = try PatternProperty(comparing: name)
        known.withLock { $0[name] = property }
        return property
    }

    private init(classContent: String) {
        self.classContent = classContent
    }

    private init(comparing name: String) throws(PatternRefusal) {
        guard let categories = Self.categories(named: name) else {
            throw PatternRefusal(
                "the property \(name.debugDescription), where general categories such as L and Lu are known"
            )
        }
        let known = try Self.scalars(matching: #"\p{\#(name)}"#)
        var missing: [ClosedRange<UInt32>] = []
        for (index, scalar) in ReferenceCategories.scalars.enumerated()
        where scalar.isAssigned(inUnicode: ReferenceCategories.unicodeMajor) {
            switch (categories.contains(ReferenceCategories.categories[index]), known[index]) {
            case (true, true), (false, false): continue
            case (false, true):
                throw PatternRefusal(
                    "the property \(name), which U+\(String(scalar.value, radix: 16)) has in this PCRE2 "
                        + "and not in the reference library"
                )
            case (true, false):
                // Safe: a scalar is below 0x11_0000.
                if let last = missing.last, last.upperBound &+ 1 == scalar.value {
                    missing[missing.count - 1] = last.lowerBound...scalar.value
                } else {
                    missing.append(scalar.value...scalar.value)
                }
            }
        }
        let ranges = missing.map { range in
            let (first, last) = (range.lowerBound, range.upperBound)
            return #"\x{\#(String(first, radix: 16))}-\x{\#(String(last, radix: 16))}"#
        }
        classContent = #"\p{\#(name)}"# + ranges.joined()
    }

    /// Which of `ReferenceCategories.scalars` a class matches.
    private static func scalars(matching content: String) throws(PatternRefusal) -> [Bool] {
        let pattern = try CompiledPattern("[\(content)]+")
        let subject = ReferenceCategories.utf8
        let search = PatternSearch(PatternLimits(), byteCount: subject.count)
        var found = [Bool](repeating: false, count: ReferenceCategories.scalars.count)
        var index = 0
        var position = 0
        do {
            while let match = try search.firstMatch(
                of: pattern,
                in: subject.span,
                from: position
            ) {
                while position < match.upperBound {
                    if position >= match.lowerBound { found[index] = true }
                    position += subject.span.decodeScalar(at: position).byteCount
                    index += 1
                }
            }
        } catch {
            throw PatternRefusal("the property \(content), on which PCRE2 gives up")
        }
        return found
    }

    private static func categories(named name: String) -> Set<Unicode.GeneralCategory>? {
        if let one = categoriesByName[name] { return [one] }
        guard name.unicodeScalars.count == 1 else { return nil }
        let group = categoriesByName.filter { $0.key.hasPrefix(name) }.values
        return group.isEmpty ? nil : Set(group)
    }

    private static let categoriesByName: [String: Unicode.GeneralCategory] = [
        "Lu": .uppercaseLetter, "Ll": .lowercaseLetter, "Lt": .titlecaseLetter,
        "Lm": .modifierLetter, "Lo": .otherLetter,
        "Mn": .nonspacingMark, "Mc": .spacingMark, "Me": .enclosingMark,
        "Nd": .decimalNumber, "Nl": .letterNumber, "No": .otherNumber,
        "Pc": .connectorPunctuation, "Pd": .dashPunctuation, "Ps": .openPunctuation,
        "Pe": .closePunctuation, "Pi": .initialPunctuation, "Pf": .finalPunctuation,
        "Po": .otherPunctuation,
        "Sm": .mathSymbol, "Sc": .currencySymbol, "Sk": .modifierSymbol, "So": .otherSymbol,
        "Zs": .spaceSeparator, "Zl": .lineSeparator, "Zp": .paragraphSeparator,
        "Cc": .control, "Cf": .format, "Co": .privateUse,
    ]
}
