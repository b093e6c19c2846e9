package import StrictJSON

/// A value inside a parsed file together with the way to it, so that an error can name the place.
package struct JSONNode: Sendable {
    /// The value.
    package let value: JSONValue
    /// Where it stands, such as `tokenizer.json: model.vocab`.
    package let path: String

    /// The root of the document that `bytes` spell.
    ///
    /// - Parameters:
    ///   - bytes: the document.
    ///   - name: what to call it in errors.
    /// - Throws: `EmbedderError` with code `invalidModel`, naming the offending byte.
    package init(parsing bytes: [UInt8], name: String) throws(EmbedderError) {
        do {
            value = try JSONReader.read(bytes)
        } catch {
            throw EmbedderError(.invalidModel, "\(name): \(error)")
        }
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
        guard let match = try members().first(where: { $0.name == name }) else { return nil }
        if case .null = match.value.content { return nil }
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
        guard case .object(let members) = value.content else { throw failure("must be an object") }
        return members
    }

    /// The elements of an array.
    package func elements() throws(EmbedderError) -> [JSONNode] {
        guard case .array(let elements) = value.content else { throw failure("must be an array") }
        return elements.enumerated().map { JSONNode($1, path: "\(path)[\($0)]") }
    }

    // MARK: - Scalars

    /// The value as a string.
    package func string() throws(EmbedderError) -> String {
        guard case .string(let string) = value.content else { throw failure("must be a string") }
        return string
    }

    /// The value as true or false.
    package func bool() throws(EmbedderError) -> Bool {
        guard case .bool(let bool) = value.content else { throw failure("must be true or false") }
        return bool
    }

    /// The value as a number, of which JSON has only finite ones.
    package func number() throws(EmbedderError) -> Double {
        switch value.content {
        case .integer(let integer): return Double(integer)
        case .number(let number): return number
        default: throw failure("must be a number")
        }
    }

    /// The value as an integer inside `range`.
    package func integer(in range: ClosedRange<Int>) throws(EmbedderError) -> Int {
        guard case .integer(let wide) = value.content, let integer = Int(exactly: wide),
            range.contains(integer)
        else {
            throw failure("must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }
}
