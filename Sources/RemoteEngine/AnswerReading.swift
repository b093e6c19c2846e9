internal import StrictJSON

/// What the answers of servers have in common.
enum AnswerReading {
    /// Reads a body as JSON of so many values at most.
    static func root(_ bytes: [UInt8], valueCountMax: Int) throws(RemoteError) -> JSONValue {
        do {
            return try JSONReader.read(bytes, limits: .init(valueCountMax: valueCountMax))
        } catch {
            throw malformed("it is no JSON, \(error)")
        }
    }

    /// The values of results in the order of what was asked for.
    ///
    /// - Throws: `wrongCount` unless there is one for each of `0..<count`, and what `read` threw.
    static func ordered<Value>(
        _ results: [JSONValue],
        count: Int,
        _ read: (JSONValue) throws(RemoteError) -> Value
    ) throws(RemoteError) -> [Value] {
        guard results.count == count else {
            throw RemoteError(
                .wrongCount,
                "its server gives \(results.count) results for \(count) texts"
            )
        }
        var values: [Value?] = Array(repeating: nil, count: count)
        for item in results {
            guard case .integer(let number)? = item.member("index")?.content,
                let index = Int(exactly: number), values.indices.contains(index)
            else { throw malformed("a result has no 'index' of 0 to \(count - 1)") }
            guard values[index] == nil else {
                throw RemoteError(.wrongCount, "its server gives two results of index \(index)")
            }
            values[index] = try read(item)
        }
        return values.compactMap(\.self)
    }

    /// A number; whether it is finite is the caller's to ask.
    static func float(_ value: JSONValue) throws(RemoteError) -> Float {
        switch value.content {
        case .integer(let number): return Float(number)
        case .number(let number): return Float(number)
        // What Python writes of a number that is not finite, when asked for valid JSON.
        case .null: return .nan
        default: throw malformed("\(value.kindName) stands where a number should")
        }
    }

    static func malformed(_ reason: String) -> RemoteError {
        RemoteError(.malformed, "the answer of its server cannot be read: \(reason)")
    }
}

extension JSONValue {
    /// The member of that name, when this is an object that has it.
    func member(_ name: String) -> JSONValue? {
        guard case .object(let members) = content else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The elements, when this is an array.
    var elements: [JSONValue]? {
        guard case .array(let elements) = content else { return nil }
        return elements
    }
}
