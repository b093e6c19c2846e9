/// A value inside a parsed file together with the way to it, so that an error can name the place.
package struct JSONNode: Sendable {
    /// The value.
    package let value: JSONValue
    /// Where it stands, such as `tokenizer.json: model.vocab`.
    package let path: String

    /// The root of a document called `name`.
    init(root value: JSONValue, name: String) {
        self.value = value
        path = "\(name):"
    }

    private init(_ value: JSONValue, path: String) {
        self.value = value
        self.path = path
    }

    /// The error that says what this place should hold.
    package func failure(_ what: String) -> EmbedderError {
        EmbedderError(.invalidModel, "\(path) \(what)")
    }

    // MARK: - Objects and arrays

    /// The member `name`, or nil when it is missing or null.
    package func optional(_ name: String) throws(EmbedderError) -> JSONNode? {
        let matches = try members().filter { $0.name == name }
        guard matches.count < 2 else { throw failure("names \(name) twice") }
        guard let match = matches.first else { return nil }
        if case .null = match.value { return nil }
        let separator = path.hasSuffix(":") ? " " : "."
        return JSONNode(match.value, path: path + separator + name)
    }

    /// The member `name`, which must be there.
    package func required(_ name: String) throws(EmbedderError) -> JSONNode {
        guard let node = try optional(name) else { throw failure("has no \(name)") }
        return node
    }

    /// The members of an object, in their order.
    package func members() throws(EmbedderError) -> [JSONMember] {
        guard case .object(let members) = value else { throw failure("must be an object") }
        return members
    }

    /// The elements of an array.
    package func elements() throws(EmbedderError) -> [JSONNode] {
        guard case .array(let elements) = value else { throw failure("must be an array") }
        return elements.enumerated().map { JSONNode($1, path: "\(path)[\($0)]") }
    }

    // MARK: - Scalars

    /// The value as a string.
    package func string() throws(EmbedderError) -> String {
        guard case .string(let string) = value else { throw failure("must be a string") }
        return string
    }

    /// The value as true or false.
    package func bool() throws(EmbedderError) -> Bool {
        guard case .bool(let bool) = value else { throw failure("must be true or false") }
        return bool
    }

    /// The value as an integer inside `range`.
    package func integer(in range: ClosedRange<Int>) throws(EmbedderError) -> Int {
        guard case .integer(let wide) = value, let integer = Int(exactly: wide),
            range.contains(integer)
        else {
            throw failure("must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }
}
