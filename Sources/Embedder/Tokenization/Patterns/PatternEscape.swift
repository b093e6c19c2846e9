/// What a backslash and what follows it stand for, in a class or outside of one.
enum PatternEscape {
    case scalar(Unicode.Scalar)
    case property(PatternProperty, isNegated: Bool)

    /// Reads behind the backslash.
    ///
    /// - Throws: `PatternRefusal` for `\w`, `\b`, `\h` and whatever else the libraries read differently.
    init(_ source: inout PatternSource) throws(PatternRefusal) {
        let scalar = try source.next()
        switch scalar {
        case "r": self = .scalar("\r")
        case "n": self = .scalar("\n")
        case "t": self = .scalar("\t")
        case "f": self = .scalar("\u{c}")
        // To PCRE2 any vertical space.
        case "v": self = .scalar("\u{b}")
        case "s", "S": self = .property(.whitespace, isNegated: scalar == "S")
        case "d", "D": self = .property(try .named("Nd"), isNegated: scalar == "D")
        case "p", "P":
            guard source.skip("{") else { throw PatternRefusal("\\\(scalar) without braces") }
            let name = try source.text(upTo: "}")
            self = .property(try .named(name), isNegated: scalar == "P")
        case "u": self = .scalar(try source.hexadecimal(4))
        case "x":
            if source.skip("{") {
                self = .scalar(try PatternSource.scalar(try source.text(upTo: "}")))
            } else {
                let byte = try source.hexadecimal(2)
                // Above, Oniguruma takes it for a byte of UTF-8.
                guard byte.isASCII else { throw PatternRefusal("\\x without braces above 7f") }
                self = .scalar(byte)
            }
        case "a"..."z", "A"..."Z", "0"..."9": throw PatternRefusal("\\\(scalar)")
        default: self = .scalar(scalar)
        }
    }
}
