package import StrictJSON
package import VectorStore

/// Reads the members of one JSON object by name, with its types and ranges checked, and remembers
/// which names it was asked for, so that the ones it was not asked for can be refused.
///
/// A member whose value is `null` counts as absent. Errors carry the member's whole path, for
/// example `documents[3].title`, as `param`.
package struct Fields {
    /// The path of the object within the request, empty at the top.
    package let path: String

    private let members: [JSONMember]
    private var known: [String] = []

    /// Reads `value` as an object.
    ///
    /// - Throws: `APIError` of kind `invalid` when it is something else.
    package init(_ value: JSONValue, path: String = "") throws(APIError) {
        guard case .object(let members) = value.content else {
            let place = path.isEmpty ? "the body" : "\"\(path)\""
            throw .invalid("\(place) must be an object, got \(value.kindName)", param: path)
        }
        self.members = members
        self.path = path
    }

    // MARK: - Values by type

    /// The value of `name`, nil when it is absent or null.
    package mutating func value(_ name: String) -> JSONValue? {
        known.append(name)
        guard let member = members.first(where: { $0.name == name }) else { return nil }
        if case .null = member.value.content { return nil }
        return member.value
    }

    /// The value of `name`, which must be there.
    package mutating func required(_ name: String) throws(APIError) -> JSONValue {
        guard let value = value(name) else {
            throw .invalid(
                "\"\(pathTo(name))\" is missing",
                param: pathTo(name),
                code: "missing_required_parameter"
            )
        }
        return value
    }

    /// A string.
    package mutating func string(_ name: String) throws(APIError) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value.content else {
            throw wrongType(name, expected: "a string", value)
        }
        return text
    }

    /// A string that must be there.
    package mutating func requiredString(_ name: String) throws(APIError) -> String {
        let value = try required(name)
        guard case .string(let text) = value.content else {
            throw wrongType(name, expected: "a string", value)
        }
        return text
    }

    /// A boolean.
    package mutating func bool(_ name: String) throws(APIError) -> Bool? {
        guard let value = value(name) else { return nil }
        guard case .bool(let flag) = value.content else {
            throw wrongType(name, expected: "true or false", value)
        }
        return flag
    }

    /// A whole number; its range is the business of whoever uses it.
    package mutating func integer(_ name: String) throws(APIError) -> Int? {
        guard let value = value(name) else { return nil }
        switch value.content {
        case .integer(let exact): return Int(exact)
        case .number(let double):
            // `10.0` is what some languages send for 10.
            guard let exact = Int(exactly: double) else { fallthrough }
            return exact
        default: throw wrongType(name, expected: "a whole number", value)
        }
    }

    /// A 32-bit float.
    package mutating func float(_ name: String) throws(APIError) -> Float? {
        guard let value = value(name) else { return nil }
        return try Self.float(value, at: pathTo(name))
    }

    /// One of the raw values of an enumeration.
    package mutating func choice<Choice>(
        _ name: String,
        of: Choice.Type = Choice.self
    ) throws(APIError) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = try string(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue)
            let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
            let hint = NearestName.find(String(text.prefix(64)), among: names)
                .map { "; did you mean \"\($0)\"?" }
            throw .invalid(
                "\"\(pathTo(name))\" must be one of \(list)\(hint ?? "")",
                param: pathTo(name)
            )
        }
        return choice
    }

    /// The elements of an array.
    package mutating func array(_ name: String) throws(APIError) -> [JSONValue]? {
        guard let value = value(name) else { return nil }
        guard case .array(let elements) = value.content else {
            throw wrongType(name, expected: "an array", value)
        }
        return elements
    }

    /// A vector of finite 32-bit floats.
    package mutating func vector(_ name: String) throws(APIError) -> [Float]? {
        guard let elements = try array(name) else { return nil }
        var vector: [Float] = []
        vector.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            // The path is only spelled out for the element that is wrong.
            switch element.content {
            case .number(let number) where Float(number).isFinite: vector.append(Float(number))
            case .integer(let number): vector.append(Float(number))
            default: vector.append(try Self.float(element, at: "\(pathTo(name))[\(index)]"))
            }
        }
        return vector
    }

    /// An array of strings.
    package mutating func strings(_ name: String) throws(APIError) -> [String]? {
        guard let elements = try array(name) else { return nil }
        var strings: [String] = []
        strings.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard case .string(let text) = element.content else {
                throw wrongType("\(name)[\(index)]", expected: "a string", element)
            }
            strings.append(text)
        }
        return strings
    }

    /// An object, to be read by name in turn.
    package mutating func object(_ name: String) throws(APIError) -> Fields? {
        guard let value = value(name) else { return nil }
        return try Fields(value, path: pathTo(name))
    }

    /// An object of any content.
    package mutating func metadata(
        _ name: String
    ) throws(APIError) -> [String: MetadataValue]? {
        guard let value = value(name) else { return nil }
        guard case .object = value.content,
            case .object(let metadata) = try MetadataValue(value, path: pathTo(name))
        else { throw wrongType(name, expected: "an object", value) }
        return metadata
    }

    // MARK: - Unknown names

    /// Refuses the object when it has a member that nobody asked for: a misspelt option must not
    /// look as if it had been obeyed.
    package func refuseUnknown() throws(APIError) {
        guard let unknown = members.first(where: { !known.contains($0.name) }) else { return }
        let place = path.isEmpty ? "" : " in \"\(path)\""
        let name = String(unknown.name.prefix(64))
        let hint: String
        if let nearest = NearestName.find(name, among: known) {
            hint = "did you mean \"\(nearest)\"?"
        } else {
            hint = "known fields: \(known.sorted().joined(separator: ", "))"
        }
        throw .invalid(
            "unknown field \"\(name)\"\(place); \(hint)",
            param: pathTo(name),
            code: "unknown_field"
        )
    }

    // MARK: - Messages

    /// The path of `name` from the top of the request.
    package func pathTo(_ name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }

    /// The error for a value of another type than the one expected.
    package func wrongType(_ name: String, expected: String, _ value: JSONValue) -> APIError {
        .invalid(
            "\"\(pathTo(name))\" must be \(expected), got \(value.kindName)",
            param: pathTo(name),
            code: "invalid_type"
        )
    }

    private static func float(_ value: JSONValue, at path: String) throws(APIError) -> Float {
        let number: Double
        switch value.content {
        case .integer(let exact): number = Double(exact)
        case .number(let double): number = double
        default:
            throw .invalid(
                "\"\(path)\" must be a number, got \(value.kindName)",
                param: path,
                code: "invalid_type"
            )
        }
        guard Float(number).isFinite else {
            throw .invalid("\"\(path)\" is too large for a 32-bit float", param: path)
        }
        return Float(number)
    }
}

extension MetadataValue {
    /// The same value without positions.
    ///
    /// - Throws: `APIError` of kind `invalid` when an object has two names that are spelt in
    ///   different bytes and mean the same text, which one dictionary cannot hold.
    package init(_ json: JSONValue, path: String = "") throws(APIError) {
        switch json.content {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .string(let value): self = .string(value)
        case .array(let values):
            var copies: [MetadataValue] = []
            copies.reserveCapacity(values.count)
            for value in values {
                copies.append(try MetadataValue(value, path: path))
            }
            self = .array(copies)
        case .object(let members):
            var copies: [String: MetadataValue] = [:]
            for member in members {
                let value = try MetadataValue(member.value, path: path)
                guard copies.updateValue(value, forKey: member.name) == nil else {
                    throw .invalid(
                        "two names at byte \(json.offset) differ only in how their letters are "
                            + "composed; write each name in one way",
                        param: path
                    )
                }
            }
            self = .object(copies)
        }
    }
}
