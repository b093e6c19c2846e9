/// Reads a whole JSON document (RFC 8259), strictly: what the standard does not allow is an error.
///
/// Made for files of a model: bytes that are not UTF-8, lone surrogates, raw control characters,
/// trailing text and excessive nesting are all refused with the byte offset in the message.
package struct JSONParser {
    /// Deeper than any file that a model comes with; low enough to never exhaust the stack.
    private static let depthMax = 64

    private let bytes: [UInt8]
    private let name: String
    private var position = 0
    private var depth = 0

    /// The document that `bytes` spell.
    ///
    /// - Parameters:
    ///   - bytes: the document.
    ///   - name: what to call it in errors.
    /// - Returns: its root.
    /// - Throws: `EmbedderError` with code `invalidModel` and the offset of the offending byte.
    package static func parse(_ bytes: [UInt8], name: String) throws(EmbedderError) -> JSONNode {
        var parser = JSONParser(bytes: bytes, name: name)
        let value = try parser.value()
        parser.skipWhitespace()
        guard parser.position == bytes.count else {
            throw parser.failure("text after the end of the document")
        }
        return JSONNode(root: value, name: name)
    }

    private init(bytes: [UInt8], name: String) {
        self.bytes = bytes
        self.name = name
    }

    private mutating func value() throws(EmbedderError) -> JSONValue {
        skipWhitespace()
        guard let byte = peek() else { throw failure("the document ends too early") }
        switch byte {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw failure("no value starts with this byte")
        }
    }

    private mutating func object() throws(EmbedderError) -> JSONValue {
        try enter()
        defer { depth -= 1 }
        var members: [JSONMember] = []
        if skip(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipWhitespace()
            guard peek() == UInt8(ascii: "\"") else { throw failure("expected a member's name") }
            let name = try string()
            try expect(UInt8(ascii: ":"))
            members.append(JSONMember(name: name, value: try value()))
        } while skip(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
        return .object(members)
    }

    private mutating func array() throws(EmbedderError) -> JSONValue {
        try enter()
        defer { depth -= 1 }
        var elements: [JSONValue] = []
        if skip(UInt8(ascii: "]")) { return .array(elements) }
        repeat {
            elements.append(try value())
        } while skip(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
        return .array(elements)
    }

    /// Passes over an opening bracket.
    private mutating func enter() throws(EmbedderError) {
        guard depth < Self.depthMax else {
            throw failure("nested deeper than \(Self.depthMax) levels")
        }
        depth += 1
        position += 1
    }

    private mutating func literal(
        _ word: String,
        _ value: JSONValue
    ) throws(EmbedderError) -> JSONValue {
        for byte in word.utf8 {
            guard peek() == byte else { throw failure("expected \(word)") }
            position += 1
        }
        return value
    }

    private mutating func number() throws(EmbedderError) -> JSONValue {
        let start = position
        _ = take(UInt8(ascii: "-"))
        let integerDigits = digits()
        guard integerDigits.count > 0 else { throw failure("expected a digit") }
        if integerDigits.count > 1, bytes[integerDigits.lowerBound] == UInt8(ascii: "0") {
            throw failure("a number with a leading zero")
        }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            guard digits().count > 0 else { throw failure("expected a digit") }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "-")) { _ = take(UInt8(ascii: "+")) }
            guard digits().count > 0 else { throw failure("expected a digit") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else {
            throw failure("a number out of range")
        }
        return .number(number)
    }

    private mutating func digits() -> Range<Int> {
        let start = position
        while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            position += 1
        }
        return start..<position
    }

    // MARK: - Bytes

    private func peek() -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipWhitespace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
            position += 1
        }
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        skipWhitespace()
        return take(byte)
    }

    private mutating func expect(_ byte: UInt8) throws(EmbedderError) {
        guard skip(byte) else {
            throw failure("expected \(Character(Unicode.Scalar(byte)))")
        }
    }

    private func failure(_ what: String) -> EmbedderError {
        EmbedderError(.invalidModel, "\(name): at byte \(position), \(what)")
    }
}

// MARK: - Strings

extension JSONParser {
    private mutating func string() throws(EmbedderError) -> String {
        position += 1
        let start = position
        var unescaped: [UInt8]?
        while true {
            guard let byte = peek() else { throw failure("a string without an end") }
            switch byte {
            case UInt8(ascii: "\""):
                let text =
                    unescaped.map { String(validating: $0, as: UTF8.self) }
                    ?? String(validating: bytes[start..<position], as: UTF8.self)
                guard let text else { throw failure("a string that is not UTF-8") }
                position += 1
                return text
            case UInt8(ascii: "\\"):
                var text = unescaped ?? Array(bytes[start..<position])
                position += 1
                text.append(contentsOf: try escape().utf8)
                unescaped = text
            case 0..<0x20:
                throw failure("a control character inside a string")
            default:
                unescaped?.append(byte)
                position += 1
            }
        }
    }

    private mutating func escape() throws(EmbedderError) -> String {
        guard let byte = peek() else { throw failure("a string without an end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return String(Character(try unicodeEscape()))
        default: throw failure("an unknown escape")
        }
    }

    /// Reads four hexadecimal digits, and a second escape when the first is a leading surrogate.
    private mutating func unicodeEscape() throws(EmbedderError) -> Unicode.Scalar {
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(UInt32(first)) { return scalar }
        guard UTF16.isLeadSurrogate(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw failure("a lone surrogate")
        }
        let second = try codeUnit()
        guard UTF16.isTrailSurrogate(second) else { throw failure("a lone surrogate") }
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }

    private mutating func codeUnit() throws(EmbedderError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else { throw failure("expected four hexadecimal digits") }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }
}
