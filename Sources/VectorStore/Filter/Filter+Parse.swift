extension Filter {
    /// Reads the JSON form of a filter.
    ///
    /// An object is one of `{"and": [...]}`, `{"or": [...]}`, `{"not": {...}}`, or a comparison
    /// `{"key": "year", "gte": 2000}`; several operators in one comparison all have to hold.
    ///
    /// - Throws: `VectorStoreError` with code `invalidArgument` naming the part that cannot be read,
    ///   or `limitExceeded` when the filter is deeper or larger than `Limits` allows.
    public init(parsing json: MetadataValue) throws(VectorStoreError) {
        self = try Self.parse(json, depth: 0)
        try validate()
    }

    private static func parse(
        _ json: MetadataValue,
        depth: Int
    ) throws(VectorStoreError) -> Filter {
        guard depth < Limits.depth else { throw Limits.tooDeep }
        guard case .object(let members) = json else {
            throw VectorStoreError(
                .invalidArgument,
                "a filter is an object such as {\"key\": \"lang\", \"eq\": \"en\"}"
            )
        }
        if members["key"] != nil { return try comparison(members) }
        guard members.count == 1, let (name, operand) = members.first else {
            throw VectorStoreError(
                .invalidArgument,
                "a filter has either \"key\" and operators, or exactly one of and, or, not; "
                    + "this one has \(listed(members.keys))"
            )
        }
        switch name {
        case "and": return .and(try list(operand, of: name, depth: depth))
        case "or": return .or(try list(operand, of: name, depth: depth))
        case "not": return .not(try parse(operand, depth: depth + 1))
        default:
            throw VectorStoreError(
                .invalidArgument,
                "unknown filter member \"\(name)\": use and, or, not, or \"key\" with an operator"
            )
        }
    }

    private static func list(
        _ json: MetadataValue,
        of name: String,
        depth: Int
    ) throws(VectorStoreError) -> [Filter] {
        guard case .array(let elements) = json else {
            throw VectorStoreError(.invalidArgument, "\"\(name)\" takes an array of filters")
        }
        var filters: [Filter] = []
        for element in elements {
            filters.append(try parse(element, depth: depth + 1))
        }
        return filters
    }

    private static func comparison(
        _ members: [String: MetadataValue]
    ) throws(VectorStoreError) -> Filter {
        guard case .string(let key)? = members["key"] else {
            throw VectorStoreError(.invalidArgument, "a filter's \"key\" is a string")
        }
        var comparisons: [Filter] = []
        for name in members.keys.sorted() where name != "key" {
            guard let relation = Operator(rawValue: name), let operand = members[name] else {
                throw VectorStoreError(
                    .invalidArgument,
                    "unknown filter operator \"\(name)\" for key \"\(key)\": "
                        + "use one of \(listed(Operator.allCases.map(\.rawValue)))"
                )
            }
            comparisons.append(.compare(key: key, relation, operand))
        }
        guard let first = comparisons.first else {
            throw VectorStoreError(
                .invalidArgument,
                "the filter for key \"\(key)\" has no operator"
            )
        }
        return comparisons.count == 1 ? first : .and(comparisons)
    }

    private static func listed(_ names: some Sequence<String>) -> String {
        names.sorted().joined(separator: ", ")
    }
}
