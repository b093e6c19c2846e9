internal import StrictJSON

/// A JSON text from the hub as a tree.
enum HubDocument {
    /// Reads a text.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - name: what it is, for the message.
    /// - Returns: the tree.
    /// - Throws: `damaged` naming the byte at which it is no JSON.
    static func read(_ bytes: [UInt8], as name: String) throws(HubError) -> JSONValue {
        do {
            return try JSONReader.read(bytes)
        } catch {
            throw HubError(.damaged, "the hub's \(name) is not JSON: \(error)")
        }
    }
}

extension JSONValue {
    /// The value of a member, nil when there is none or this is no object.
    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = content else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The text of a string.
    var text: String? {
        guard case .string(let text) = content else { return nil }
        return text
    }

    /// An integer that is not below zero.
    var count: Int? {
        guard case .integer(let value) = content, value >= 0 else { return nil }
        return Int(exactly: value)
    }

    /// The elements of an array.
    var elements: [JSONValue]? {
        guard case .array(let elements) = content else { return nil }
        return elements
    }

    /// The members of an object.
    var members: [JSONMember]? {
        guard case .object(let members) = content else { return nil }
        return members
    }

    /// Whether this is `null`.
    var isNull: Bool {
        guard case .null = content else { return false }
        return true
    }
}
