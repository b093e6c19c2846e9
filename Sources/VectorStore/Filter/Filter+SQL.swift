import Foundation
import GRDB

/// A piece of SQL with its bound values, none of which ever becomes part of the text.
struct SQLCondition {
    var sql: String
    var arguments: StatementArguments

    fileprivate static func joined(_ parts: [SQLCondition], by connective: String) -> SQLCondition {
        var whole = SQLCondition(sql: "(", arguments: [])
        for (index, part) in parts.enumerated() {
            whole.sql += (index == 0 ? "" : " \(connective) ") + part.sql
            whole.arguments += part.arguments
        }
        whole.sql += ")"
        return whole
    }

    fileprivate var negated: SQLCondition {
        SQLCondition(sql: "NOT \(sql)", arguments: arguments)
    }
}

extension Filter {
    /// The condition on a row `d` of `documents` in `collection`.
    ///
    /// Each comparison is the set of documents that have a matching metadata row, found by the
    /// primary key of `metadata`; connectives combine the sets.
    func condition(collection: Int64) -> SQLCondition {
        switch self {
        case .and(let parts):
            return .joined(parts.map { $0.condition(collection: collection) }, by: "AND")
        case .or(let parts):
            return .joined(parts.map { $0.condition(collection: collection) }, by: "OR")
        case .not(let part):
            return part.condition(collection: collection).negated
        case .compare(let key, let relation, let operand):
            let documents = { (row: SQLCondition?) in
                Self.documents(collection: collection, key: key, row)
            }
            switch relation {
            case .equal: return documents(Self.row("=", operand))
            case .notEqual: return documents(Self.row("=", operand)).negated
            case .greater: return documents(Self.row(">", operand))
            case .greaterOrEqual: return documents(Self.row(">=", operand))
            case .less: return documents(Self.row("<", operand))
            case .lessOrEqual: return documents(Self.row("<=", operand))
            case .anyOf: return documents(Self.row(in: operand))
            case .noneOf: return documents(Self.row(in: operand)).negated
            case .exists where operand == .bool(false): return documents(nil).negated
            case .exists: return documents(nil)
            case .contains: return documents(Self.row(containing: operand))
            }
        }
    }

    /// The documents that have a row at `key` for which `row` holds.
    private static func documents(
        collection: Int64,
        key: String,
        _ row: SQLCondition?
    ) -> SQLCondition {
        let sql = "SELECT document_key FROM metadata WHERE collection_id = ? AND key = ?"
        let arguments: StatementArguments = [collection, key]
        guard let row else { return SQLCondition(sql: "d.key IN (\(sql))", arguments: arguments) }
        return SQLCondition(
            sql: "d.key IN (\(sql) AND \(row.sql))",
            arguments: arguments + row.arguments
        )
    }

    private static func row(_ comparison: String, _ operand: MetadataValue) -> SQLCondition {
        guard let (kind, value) = MetadataRows.scalar(operand) else { return nothing }
        return SQLCondition(
            sql: "kind = ? AND value \(comparison) ?",
            arguments: [kind.rawValue, value]
        )
    }

    private static func row(in operand: MetadataValue) -> SQLCondition {
        guard case .array(let choices) = operand else { return nothing }
        let scalars = choices.compactMap(MetadataRows.scalar)
        let byKind = Dictionary(grouping: scalars, by: \.kind)
        let parts = byKind.map { kind, scalars in
            let marks = repeatElement("?", count: scalars.count).joined(separator: ", ")
            return SQLCondition(
                sql: "(kind = ? AND value IN (\(marks)))",
                arguments: [kind.rawValue] + StatementArguments(scalars.map(\.value))
            )
        }
        return parts.isEmpty ? nothing : .joined(parts, by: "OR")
    }

    private static func row(containing operand: MetadataValue) -> SQLCondition {
        guard let (kind, value) = MetadataRows.scalar(operand) else { return nothing }
        let element = SQLCondition(
            sql: "(kind = ? AND value = ? AND is_element = 1)",
            arguments: [kind.rawValue, value]
        )
        guard kind == .string else { return element }
        let part = SQLCondition(
            sql: "(kind = ? AND is_element = 0 AND instr(value, ?) > 0)",
            arguments: [kind.rawValue, value]
        )
        return .joined([element, part], by: "OR")
    }

    /// No row: what an operand matches that `validate()` would have refused.
    private static var nothing: SQLCondition { SQLCondition(sql: "FALSE", arguments: []) }
}
