/// Writes an expression of the `tokenizers` library, which is Oniguruma's, in the syntax of PCRE2.
///
/// The two agree on most of what patterns of tokenizers are made of, and where they do not, they differ
/// silently. So every construct is read here: it is copied when both mean the same by it, written in
/// another way when that is known to match the same, and otherwise refused by name.
///
/// Grammar: alternatives of pieces, a piece being an atom and at most one quantifier.
struct PatternTranslation {
    /// Deepest nesting of groups.
    private static let depthMax = 50

    private var source: PatternSource
    private var output = ""
    private var depth = 0

    /// What an atom was, as far as a quantifier cares.
    private enum Atom {
        case repeatable
        /// An assertion, which the libraries repeat in ways of their own.
        case assertion
    }

    /// Translates `expression`.
    ///
    /// - Throws: `PatternRefusal` with what is not taken.
    static func translate(_ expression: String) throws(PatternRefusal) -> String {
        var translation = PatternTranslation(source: PatternSource(expression))
        try translation.alternatives()
        guard translation.source.isAtEnd else { throw PatternRefusal("a ) that closes nothing") }
        return translation.output
    }

    /// A text as an expression that matches it alone.
    static func literal(_ text: String) -> String {
        text.unicodeScalars.map(Self.literal).joined()
    }

    private init(source: PatternSource) {
        self.source = source
    }

    private mutating func alternatives() throws(PatternRefusal) {
        while let next = source.peek(), next != ")" {
            if next == "|" {
                source.advance()
                output += "|"
                continue
            }
            try quantifier(after: try atom())
        }
    }

    // MARK: - Atoms

    private mutating func atom() throws(PatternRefusal) -> Atom {
        let scalar = try source.next()
        switch scalar {
        case "(": return try group()
        case "[":
            output += try PatternClass.translate(&source)
        case "\\": try escape()
        case ".": output += "."
        case "^", "$":
            output.unicodeScalars.append(scalar)
            return .assertion
        case "*", "+", "?", "{":
            throw PatternRefusal("a quantifier \(scalar) that follows no piece, or another one")
        default: output += Self.literal(scalar)
        }
        return .repeatable
    }

    private mutating func group() throws(PatternRefusal) -> Atom {
        if source.skip("?i:") {
            output += "(?i:" + (try FoldedPattern.translate(&source)) + ")"
            return .repeatable
        }
        var atom = Atom.repeatable
        var opening = "("
        // The longer ones first.
        for kind in ["?<=", "?<!", "?:", "?=", "?!", "?>"] where source.skip(kind) {
            opening += kind
            if kind != "?:" && kind != "?>" { atom = .assertion }
            break
        }
        if opening == "(", let next = source.peek(), next == "?" || next == "*" {
            throw PatternRefusal("a group that begins with (\(source.ahead(3))")
        }
        depth += 1
        guard depth <= Self.depthMax else {
            throw PatternRefusal("groups more than \(Self.depthMax) deep")
        }
        output += opening
        try alternatives()
        guard source.skip(")") else { throw PatternRefusal("a ( that is not closed") }
        output += ")"
        depth -= 1
        return atom
    }

    private mutating func escape() throws(PatternRefusal) {
        switch try PatternEscape(&source) {
        case .scalar(let scalar): output += Self.literal(scalar)
        case .property(let property, let isNegated):
            output += (isNegated ? "[^" : "[") + property.classContent + "]"
        }
    }

    // MARK: - Quantifiers

    private mutating func quantifier(after atom: Atom) throws(PatternRefusal) {
        guard let next = source.peek() else { return }
        switch next {
        case "*", "+", "?":
            source.advance()
            output.unicodeScalars.append(next)
            // Lazy and possessive, in both libraries.
            if source.skip("?") { output += "?" } else if source.skip("+") { output += "+" }
        case "{": try interval()
        default: return
        }
        guard atom == .repeatable else {
            throw PatternRefusal("a quantifier \(next) on an assertion")
        }
    }

    /// `{n}`, `{n,}` and `{n,m}`, the last two lazy as well.
    private mutating func interval() throws(PatternRefusal) {
        source.advance()
        let least = try source.count()
        var most: Int? = least
        if source.skip(",") { most = source.peek() == "}" ? nil : try source.count() }
        guard source.skip("}") else { throw PatternRefusal("a { that begins no interval") }
        if let most, most < least { throw PatternRefusal("the interval {\(least),\(most)}") }
        output += most == least ? "{\(least)}" : "{\(least),\(most.map(String.init) ?? "")}"
        // To Oniguruma `{n}?` is an optional piece, and `{n,m}+` a repeated one.
        if source.peek() == "+" || (source.peek() == "?" && most == least) {
            throw PatternRefusal("an interval that a ? or + follows")
        }
        if source.skip("?") { output += "?" }
    }

    // MARK: - Literals

    /// A scalar that stands for itself, in a class as well as outside of one.
    static func literal(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "\u{80}"...: String(Character(scalar))
        case "!"..."~": "\\" + String(Character(scalar))
        default: #"\x{\#(String(scalar.value, radix: 16))}"#
        }
    }
}
