/// Translates a class of characters, `[…]`.
enum PatternClass {
    /// Reads behind the opening bracket.
    ///
    /// - Throws: `PatternRefusal` for what Oniguruma has in classes and PCRE2 has not: sets in sets,
    ///   intersections, and complements.
    static func translate(_ source: inout PatternSource) throws(PatternRefusal) -> String {
        var output = "["
        if source.skip("^") { output += "^" }
        var isEmpty = true
        while !source.skip("]") {
            if source.skip("&&") { throw PatternRefusal("an intersection && in a class") }
            guard let first = try item(&source, output: &output) else {
                // A property, which no range begins with.
                if source.peek() == "-", source.ahead(2) != "-]" {
                    throw PatternRefusal("a - behind a property in a class")
                }
                isEmpty = false
                continue
            }
            output += PatternTranslation.literal(first)
            isEmpty = false
            guard source.peek() == "-", source.ahead(2) != "-]" else { continue }
            guard first != "-" else { throw PatternRefusal("a range from - in a class") }
            source.advance()
            guard let last = try item(&source, output: &output),
                last >= first
            else { throw PatternRefusal("a range in a class that goes nowhere") }
            output += "-" + PatternTranslation.literal(last)
            if source.peek() == "-", source.ahead(2) != "-]" {
                throw PatternRefusal("a - behind a range in a class")
            }
        }
        guard !isEmpty else { throw PatternRefusal("an empty class") }
        return output + "]"
    }

    /// Takes a scalar; or a property, which is written down.
    private static func item(
        _ source: inout PatternSource,
        output: inout String
    ) throws(PatternRefusal) -> Unicode.Scalar? {
        let scalar = try source.next()
        switch scalar {
        case "[": throw PatternRefusal("a [ in a class")
        case "\\":
            switch try PatternEscape(&source) {
            case .scalar(let scalar): return scalar
            case .property(let property, isNegated: false):
                output += property.classContent
                return nil
            case .property(_, isNegated: true): throw PatternRefusal("a complement in a class")
            }
        default: return scalar
        }
    }
}
