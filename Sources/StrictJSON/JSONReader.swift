/// Reads one JSON text (RFC 8259) into a `JSONValue`, refusing everything that the grammar refuses
/// and, beyond it, what a server should not guess about: duplicate names, unpaired surrogates,
/// invalid UTF-8, integers that do not fit in 64 bits and numbers that overflow a `Double`.
///
/// Why not Foundation: its decoder keeps the last of two equal names, has no byte positions and
/// no caps, and takes canonically equivalent names for equal, as the two spellings of an accented
/// letter are that a model's vocabulary may hold as different tokens. Both caps here hold before anything is allocated for the value that would pass them.
///
/// - Complexity: O(bytes); one pass, recursion bounded by `Limits.depthMax`.
package struct JSONReader {
    /// How large a text may become once it is a tree.
    package struct Limits: Sendable {
        /// Arrays and objects inside one another.
        ///
        /// The deepest legitimate request is a filter, which
        /// has its own, smaller cap; 64 frames of this reader fit easily in a 512 KiB thread stack.
        package let depthMax: Int

        /// Values of every kind.
        ///
        /// A value takes about 16 times its shortest spelling (`0,`), so the
        /// tree of the largest accepted request stays near 64 MiB. 2048 inputs of 512 token ids
        /// make 1.05 million.
        package let valueCountMax: Int

        /// The caps for a request to the server.
        package static let request = Limits()

        /// Makes caps; what is not given is that of a request.
        package init(depthMax: Int = 64, valueCountMax: Int = 2_000_000) {
            self.depthMax = depthMax
            self.valueCountMax = valueCountMax
        }
    }

    let bytes: [UInt8]
    var position = 0
    private let limits: Limits
    private var depth = 0
    private var valueCount = 0

    /// Reads `bytes` as exactly one JSON value with optional white space around it.
    ///
    /// - Throws: `JSONError` naming the byte.
    package static func read(
        _ bytes: [UInt8],
        limits: Limits = .request
    ) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes: bytes, limits: limits)
        reader.skipWhiteSpace()
        guard reader.position < bytes.count else {
            throw JSONError(reason: "the text is empty", offset: reader.position)
        }
        let value = try reader.readValue()
        reader.skipWhiteSpace()
        guard reader.position == bytes.count else {
            throw reader.unexpected(expected: "the end of the text")
        }
        return value
    }

    private init(bytes: [UInt8], limits: Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    // MARK: - Values

    private mutating func readValue() throws(JSONError) -> JSONValue {
        valueCount += 1
        guard valueCount <= limits.valueCountMax else {
            throw error("more than \(limits.valueCountMax) values in one text")
        }
        guard let byte = current else { throw unexpected(expected: "a value") }
        let start = position
        let content: JSONValue.Content
        switch byte {
        case UInt8(ascii: "{"): content = .object(try readObject())
        case UInt8(ascii: "["): content = .array(try readArray())
        case UInt8(ascii: "\""): content = .string(try readString())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): content = try readNumber()
        case UInt8(ascii: "t"): content = try readWord("true", as: .bool(true))
        case UInt8(ascii: "f"): content = try readWord("false", as: .bool(false))
        case UInt8(ascii: "n"): content = try readWord("null", as: .null)
        case UInt8(ascii: "N"), UInt8(ascii: "I"):
            throw error("NaN and Infinity are not JSON; every number must be finite")
        default: throw unexpected(expected: "a value")
        }
        return JSONValue(content: content, offset: start)
    }

    private mutating func readObject() throws(JSONError) -> [JSONMember] {
        try enter()
        var members: [JSONMember] = []
        var names = UniqueNames()
        while try nextElement(isFirst: members.isEmpty, close: UInt8(ascii: "}")) {
            guard current == UInt8(ascii: "\"") else {
                throw unexpected(expected: "a name in double quotes")
            }
            let start = position
            let name = try readString()
            guard names.insert(name, among: members) else {
                throw JSONError(reason: "the object has the same name twice", offset: start)
            }
            skipWhiteSpace()
            guard current == UInt8(ascii: ":") else { throw unexpected(expected: "':'") }
            position += 1
            skipWhiteSpace()
            members.append(JSONMember(name: name, value: try readValue()))
        }
        depth -= 1
        return members
    }

    private mutating func readArray() throws(JSONError) -> [JSONValue] {
        try enter()
        var values: [JSONValue] = []
        while try nextElement(isFirst: values.isEmpty, close: UInt8(ascii: "]")) {
            values.append(try readValue())
        }
        depth -= 1
        return values
    }

    private mutating func readWord(
        _ word: StaticString,
        as content: JSONValue.Content
    ) throws(JSONError) -> JSONValue.Content {
        let spelling = Array("\(word)".utf8)
        guard bytes[position...].starts(with: spelling) else {
            throw unexpected(expected: "'\(word)'")
        }
        position += spelling.count
        return content
    }

    // MARK: - Structure

    /// Steps over the opening bracket, refusing one level too many.
    private mutating func enter() throws(JSONError) {
        depth += 1
        guard depth <= limits.depthMax else {
            throw error("more than \(limits.depthMax) arrays and objects inside one another")
        }
        position += 1
    }

    /// Steps to the next element of an array or object: false when `close` ended it.
    private mutating func nextElement(isFirst: Bool, close: UInt8) throws(JSONError) -> Bool {
        skipWhiteSpace()
        if current == close {
            position += 1
            return false
        }
        if isFirst { return true }
        guard current == UInt8(ascii: ",") else {
            throw unexpected(expected: "',' or '\(Unicode.Scalar(close))'")
        }
        position += 1
        skipWhiteSpace()
        // A comma promises another element, so that `[1,]` is refused here.
        guard current != close else { throw unexpected(expected: "a value after ','") }
        return true
    }

    private mutating func skipWhiteSpace() {
        while let byte = current, byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) {
            // RFC 8259 allows space, tab, line feed and carriage return; not 0x0B and 0x0C.
            if byte == 0x0B || byte == 0x0C { return }
            position += 1
        }
    }

    // MARK: - Errors

    /// The byte at the reading position, nil at the end.
    var current: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    func error(_ reason: String) -> JSONError {
        JSONError(reason: reason, offset: position)
    }

    func unexpected(expected: String) -> JSONError {
        guard let byte = current else {
            return error("expected \(expected), but the text ends here")
        }
        let isPrintable = byte > 0x20 && byte < 0x7F
        let found = isPrintable ? "'\(Unicode.Scalar(byte))'" : "the byte \(hexadecimal(byte))"
        return error("expected \(expected), found \(found)")
    }

    func hexadecimal(_ byte: UInt8) -> String {
        "0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}

/// Notices the second use of a name within one object: by comparison while the object is small, by
/// a set once it has grown, so that neither small nor hostile objects are slow.
private struct UniqueNames {
    /// A name that equals only itself: RFC 8259 compares names unit by unit, `String` by canonical
    /// equivalence.
    private struct Name: Hashable {
        let text: String

        static func == (first: Name, second: Name) -> Bool {
            first.text.utf8.elementsEqual(second.text.utf8)
        }

        func hash(into hasher: inout Hasher) {
            for byte in text.utf8 { hasher.combine(byte) }
        }
    }

    private static let linearCountMax = 16
    private var set: Set<Name> = []

    mutating func insert(_ name: String, among members: [JSONMember]) -> Bool {
        let name = Name(text: name)
        if members.count < Self.linearCountMax {
            return !members.contains { Name(text: $0.name) == name }
        }
        if set.isEmpty {
            set = Set(members.map { Name(text: $0.name) })
        }
        return set.insert(name).inserted
    }
}
