/// One value of a JSON text, with the place where it began.
///
/// The tree keeps what `Codable` throws away and a strict server needs: the order of members and
/// byte positions for messages. Integers stay exact over the whole range of `Int64`.
package struct JSONValue: Sendable {
    /// What the value is.
    package enum Content: Sendable {
        case null
        case bool(Bool)
        case integer(Int64)
        case number(Double)
        case string(String)
        case array([JSONValue])
        case object([JSONMember])
    }

    /// The value itself.
    package let content: Content

    /// The byte of the text at which the value starts, 0-based.
    package let offset: Int

    /// The kind of value in words, for messages such as "expected a string, got an array".
    package var kindName: String {
        switch content {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// One name and its value within a JSON object.
package struct JSONMember: Sendable {
    /// The name, with escapes resolved.
    package let name: String

    /// The value.
    package let value: JSONValue
}
