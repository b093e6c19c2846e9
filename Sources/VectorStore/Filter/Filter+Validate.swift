extension Filter {
    /// Caps that keep a filter's SQL inside SQLite's own limits (an expression tree of 1,000 levels,
    /// 32,766 bound values) with room to spare.
    public enum Limits {
        /// How deep and, or and not may nest.
        public static let depth = 32
        /// How many comparisons and connectives a filter may have.
        public static let nodeCount = 512
        /// How many operands all its comparisons may have together.
        public static let operandCount = 8_192
        /// The longest key and the longest string operand, in UTF-8 bytes.
        public static let byteCount = 4_096

        static var tooDeep: VectorStoreError {
            VectorStoreError(.limitExceeded, "a filter may nest \(depth) levels deep at most")
        }
    }

    /// Checks operands and size.
    ///
    /// - Throws: `VectorStoreError` with code `invalidArgument` or `limitExceeded`.
    public func validate() throws(VectorStoreError) {
        var budget = Budget()
        try validate(depth: 0, &budget)
    }

    private struct Budget {
        var nodes = Limits.nodeCount
        var operands = Limits.operandCount

        mutating func spend(nodes spentNodes: Int, operands spent: Int) throws(VectorStoreError) {
            nodes -= spentNodes
            operands -= spent
            guard nodes >= 0, operands >= 0 else {
                throw VectorStoreError(
                    .limitExceeded,
                    "a filter may have \(Limits.nodeCount) conditions and \(Limits.operandCount) "
                        + "operands at most"
                )
            }
        }
    }

    private func validate(depth: Int, _ budget: inout Budget) throws(VectorStoreError) {
        guard depth < Limits.depth else { throw Limits.tooDeep }
        try budget.spend(nodes: 1, operands: 0)
        switch self {
        case .and(let parts), .or(let parts):
            guard !parts.isEmpty else {
                throw VectorStoreError(.invalidArgument, "and, or need at least one filter")
            }
            for part in parts {
                try part.validate(depth: depth + 1, &budget)
            }
        case .not(let part):
            try part.validate(depth: depth + 1, &budget)
        case .compare(let key, let relation, let operand):
            guard !key.isEmpty, key.utf8.count <= Limits.byteCount, !key.utf8.contains(0) else {
                throw VectorStoreError(
                    .invalidArgument,
                    "a filter key has 1 to \(Limits.byteCount) bytes and no NUL"
                )
            }
            try Self.validate(operand, of: relation, key: key, &budget)
        }
    }

    private static func validate(
        _ operand: MetadataValue,
        of relation: Operator,
        key: String,
        _ budget: inout Budget
    ) throws(VectorStoreError) {
        switch (relation, operand) {
        case (.exists, .bool), (.equal, .null), (.notEqual, .null), (.contains, .null),
            (.equal, .bool), (.notEqual, .bool), (.contains, .bool):
            break
        case (.equal, _), (.notEqual, _), (.greater, _), (.greaterOrEqual, _), (.less, _),
            (.lessOrEqual, _), (.contains, _):
            try validateOrdered(operand, of: relation, key: key)
        case (.anyOf, .array(let choices)), (.noneOf, .array(let choices)):
            try budget.spend(nodes: 0, operands: choices.count)
            for choice in choices {
                try validate(choice, of: .equal, key: key, &budget)
            }
            return
        case (.anyOf, _), (.noneOf, _), (.exists, _):
            throw wrongOperand(relation, key)
        }
        try budget.spend(nodes: 0, operands: 1)
    }

    private static func validateOrdered(
        _ operand: MetadataValue,
        of relation: Operator,
        key: String
    ) throws(VectorStoreError) {
        switch operand {
        case .integer:
            break
        case .number(let value) where value.isFinite:
            break
        case .string(let value) where value.utf8.count <= Limits.byteCount:
            break
        case .string(let value):
            throw VectorStoreError(
                .limitExceeded,
                "the operand of \(relation.rawValue) for key \"\(key)\" has \(value.utf8.count) "
                    + "bytes; \(Limits.byteCount) at most"
            )
        case .null, .bool, .number, .array, .object:
            throw wrongOperand(relation, key)
        }
    }

    private static func wrongOperand(_ relation: Operator, _ key: String) -> VectorStoreError {
        let wanted =
            switch relation {
            case .equal, .notEqual, .contains: "null, a boolean, a finite number or a string"
            case .greater, .greaterOrEqual, .less, .lessOrEqual: "a finite number or a string"
            case .anyOf, .noneOf: "an array of scalars"
            case .exists: "true or false"
            }
        return VectorStoreError(
            .invalidArgument,
            "filter operator \(relation.rawValue) for key \"\(key)\" takes \(wanted)"
        )
    }
}
