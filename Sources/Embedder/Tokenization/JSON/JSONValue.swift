/// A JSON document as it was written: members keep their order, and names are compared by bytes.
///
/// Foundation's decoders key objects by `String`, whose equality is canonical equivalence. A
/// vocabulary may hold both spellings of an accented letter as different tokens, and those would
/// silently become one.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])
}

/// A name and its value inside a JSON object.
package struct JSONMember: Sendable {
    package let name: String
    package let value: JSONValue
}
