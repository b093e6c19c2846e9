package import NIOCore
package import VectorStore

/// Writes one JSON text front to back into a buffer; commas and escapes are its business.
///
/// Members appear in the order of the calls, so that an answer always looks the same. Numbers are
/// written in the shortest form that reads back as the same value.
package struct JSONWriter: Sendable {
    /// The text so far.
    package private(set) var buffer = ByteBuffer()

    private var needsComma = false

    /// Starts an empty text.
    package init() {}

    /// Writes one object, or whatever single value `body` writes, and returns the bytes.
    package static func bytes(_ body: (inout JSONWriter) -> Void) -> ByteBuffer {
        var writer = JSONWriter()
        body(&writer)
        return writer.buffer
    }

    // MARK: - Containers

    /// Writes an object whose members `body` writes.
    package mutating func object(_ body: (inout JSONWriter) -> Void) {
        open("{")
        body(&self)
        close("}")
    }

    /// Writes an array with one element for each of `items`.
    package mutating func array<Items: Sequence>(
        _ items: Items,
        _ body: (inout JSONWriter, Items.Element) -> Void
    ) {
        open("[")
        for item in items {
            body(&self, item)
        }
        close("]")
    }

    /// Writes the name of a member; its value must follow.
    package mutating func name(_ name: String) {
        separate()
        writeQuoted(name)
        buffer.writeStaticString(":")
        needsComma = false
    }

    // MARK: - Scalars

    /// Writes `null`.
    package mutating func null() {
        separate()
        buffer.writeStaticString("null")
    }

    /// Writes a boolean.
    package mutating func value(_ value: Bool) {
        separate()
        buffer.writeStaticString(value ? "true" : "false")
    }

    /// Writes an integer.
    package mutating func value(_ value: Int) {
        separate()
        buffer.writeString(String(value))
    }

    /// Writes a number; one that is not finite has no JSON form and becomes `null`.
    package mutating func value(_ value: Double) {
        guard value.isFinite else { return null() }
        separate()
        buffer.writeString(value.description)
    }

    /// Writes a number; one that is not finite has no JSON form and becomes `null`.
    package mutating func value(_ value: Float) {
        guard value.isFinite else { return null() }
        separate()
        buffer.writeString(value.description)
    }

    /// Writes a string.
    package mutating func value(_ value: String) {
        separate()
        writeQuoted(value)
    }

    /// Writes a vector as an array of numbers.
    package mutating func value(_ vector: [Float]) {
        array(vector) { $0.value($1) }
    }

    /// Writes a vector as the base64 text of its little-endian 32-bit floats, which is what OpenAI's
    /// SDKs ask for by default.
    package mutating func base64(_ vector: [Float]) {
        separate()
        buffer.writeStaticString("\"")
        Base64.write(littleEndian: vector, to: &buffer)
        buffer.writeStaticString("\"")
    }

    /// Writes a metadata value; members in the order of their names.
    package mutating func value(_ value: MetadataValue) {
        switch value {
        case .null: null()
        case .bool(let value): self.value(value)
        case .integer(let value): self.value(Int(value))
        case .number(let value): self.value(value)
        case .string(let value): self.value(value)
        case .array(let values): array(values) { $0.value($1) }
        case .object(let members): self.value(members)
        }
    }

    /// Writes metadata; members in the order of their names.
    package mutating func value(_ metadata: [String: MetadataValue]) {
        object { json in
            for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
                json.name(key)
                json.value(value)
            }
        }
    }

    // MARK: - Internals

    private mutating func open(_ bracket: StaticString) {
        separate()
        buffer.writeStaticString(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: StaticString) {
        buffer.writeStaticString(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { buffer.writeStaticString(",") }
        needsComma = true
    }

    private mutating func writeQuoted(_ text: String) {
        buffer.writeStaticString("\"")
        if text.utf8.allSatisfy({ !Self.mustEscape($0) }) {
            buffer.writeString(text)
        } else {
            for unit in text.utf8 {
                writeEscaped(unit)
            }
        }
        buffer.writeStaticString("\"")
    }

    private static func mustEscape(_ unit: UInt8) -> Bool {
        unit < 0x20 || unit == UInt8(ascii: "\"") || unit == UInt8(ascii: "\\")
    }

    private mutating func writeEscaped(_ unit: UInt8) {
        switch unit {
        case UInt8(ascii: "\""): buffer.writeStaticString("\\\"")
        case UInt8(ascii: "\\"): buffer.writeStaticString("\\\\")
        case UInt8(ascii: "\n"): buffer.writeStaticString("\\n")
        case UInt8(ascii: "\r"): buffer.writeStaticString("\\r")
        case UInt8(ascii: "\t"): buffer.writeStaticString("\\t")
        case 0..<0x20:
            buffer.writeString("\\u00" + (unit < 16 ? "0" : "") + String(unit, radix: 16))
        default: buffer.writeInteger(unit)
        }
    }
}

// MARK: - Members

extension JSONWriter {
    /// Writes a member with a string, or with `null`.
    package mutating func member(_ name: String, _ value: String?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    /// Writes a member with an integer, or with `null`.
    package mutating func member(_ name: String, _ value: Int?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    /// Writes a member with a boolean.
    package mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        self.value(value)
    }

    /// Writes a member with a number, or with `null`.
    package mutating func member(_ name: String, _ value: Double?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    /// Writes a member with a number, or with `null`.
    package mutating func member(_ name: String, _ value: Float?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    /// Writes a member with metadata.
    package mutating func member(_ name: String, _ value: [String: MetadataValue]) {
        self.name(name)
        self.value(value)
    }

    /// Writes a member with an object.
    package mutating func object(_ name: String, _ body: (inout JSONWriter) -> Void) {
        self.name(name)
        object(body)
    }

    /// Writes a member with an array.
    package mutating func array<Items: Sequence>(
        _ name: String,
        _ items: Items,
        _ body: (inout JSONWriter, Items.Element) -> Void
    ) {
        self.name(name)
        array(items, body)
    }
}
