import TestSupport
import VectorStore

/// The documentation of `Filter`, word by word, over decoded metadata.
enum FilterOracle {
    /// A value at a path, with whether it is an element of an array there.
    private struct Found {
        var value: MetadataValue
        var isElement: Bool
    }

    static func holds(_ filter: Filter, _ metadata: [String: MetadataValue]) -> Bool {
        switch filter {
        case .and(let parts): return parts.allSatisfy { holds($0, metadata) }
        case .or(let parts): return parts.contains { holds($0, metadata) }
        case .not(let part): return !holds(part, metadata)
        case .compare(let key, let relation, let operand):
            let found = values(at: Array(key.split(separator: ".").map(String.init)), metadata)
            switch relation {
            case .equal: return found.contains { isEqual($0.value, operand) }
            case .notEqual: return !found.contains { isEqual($0.value, operand) }
            case .greater:
                return found.contains { order($0.value, operand).map { $0 > 0 } ?? false }
            case .greaterOrEqual:
                return found.contains { order($0.value, operand).map { $0 >= 0 } ?? false }
            case .less: return found.contains { order($0.value, operand).map { $0 < 0 } ?? false }
            case .lessOrEqual:
                return found.contains { order($0.value, operand).map { $0 <= 0 } ?? false }
            case .anyOf: return isAny(found, of: operand)
            case .noneOf: return !isAny(found, of: operand)
            case .exists: return found.isEmpty == (operand == .bool(false))
            case .contains: return found.contains { contains($0, operand) }
            }
        }
    }

    private static func isAny(_ found: [Found], of operand: MetadataValue) -> Bool {
        guard case .array(let choices) = operand else { return false }
        return found.contains { found in choices.contains { isEqual(found.value, $0) } }
    }

    private static func contains(_ found: Found, _ operand: MetadataValue) -> Bool {
        if found.isElement { return isEqual(found.value, operand) }
        guard case .string(let whole) = found.value, case .string(let part) = operand else {
            return false
        }
        let bytes = Array(whole.utf8)
        let sought = Array(part.utf8)
        return (0...max(0, bytes.count - sought.count)).contains {
            bytes[$0...].starts(with: sought)
        }
    }

    private static func isEqual(_ a: MetadataValue, _ b: MetadataValue) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        default: order(a, b) == 0
        }
    }

    /// Negative, zero or positive; nil for values that have no order.
    private static func order(_ a: MetadataValue, _ b: MetadataValue) -> Int? {
        switch (a, b) {
        case (.integer(let a), .integer(let b)):
            return a < b ? -1 : a > b ? 1 : 0
        case (.number(let a), .number(let b)):
            return a < b ? -1 : a > b ? 1 : 0
        case (.integer(let a), .number(let b)):
            return order(a, b)
        case (.number(let a), .integer(let b)):
            return -order(b, a)
        case (.string(let a), .string(let b)):
            if Array(a.utf8) == Array(b.utf8) { return 0 }
            return a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1
        default:
            return nil
        }
    }

    private static func order(_ a: Int64, _ b: Double) -> Int {
        // Swift compares an integer with a fraction by value, without rounding the integer.
        if let whole = Int64(exactly: b.rounded(.down)) {
            if a != whole { return a < whole ? -1 : 1 }
            return b > b.rounded(.down) ? -1 : 0
        }
        return b > 0 ? -1 : 1
    }

    private static func values(
        at path: [String],
        _ metadata: [String: MetadataValue]
    ) -> [Found] {
        // A key may itself hold dots: try every way to cut the path.
        (1...max(1, path.count)).flatMap { length -> [Found] in
            guard length <= path.count,
                let value = metadata[path[..<length].joined(separator: ".")]
            else { return [] }
            return values(in: Found(value: value, isElement: false), Array(path[length...]))
        }
    }

    private static func values(in found: Found, _ path: [String]) -> [Found] {
        switch found.value {
        case .array(let elements):
            let inner = elements.flatMap {
                values(in: Found(value: $0, isElement: true), path)
            }
            return path.isEmpty ? [found] + inner : inner
        case .object(let members):
            return path.isEmpty ? [found] : values(at: path, members)
        case .null, .bool, .integer, .number, .string:
            return path.isEmpty ? [found] : []
        }
    }
}

/// Random metadata and filters over few keys and values, so that they meet.
enum MetadataGenerator {
    private static let keys = ["a", "b", "c.d", "c", "e.f", "missing"]
    private static let scalars: [MetadataValue] = [
        .null, true, false, 0, 1, 2, -1, 1.0, 1.5, 0.0, "1", "true", "", "ab", "abc", "b", "é",
        .integer(9_007_199_254_740_993), .number(9_007_199_254_740_992), .integer(.max),
        .number(9.3e18),
    ]

    static func metadata(_ random: inout SeededRandom) -> [String: MetadataValue] {
        var metadata: [String: MetadataValue] = [:]
        for key in ["a", "b", "c", "e", "c.d"] where Int.random(in: 0..<3, using: &random) > 0 {
            metadata[key] = value(&random, depth: 2)
        }
        return metadata
    }

    private static func value(_ random: inout SeededRandom, depth: Int) -> MetadataValue {
        switch depth > 0 ? Int.random(in: 0..<6, using: &random) : 0 {
        case 1:
            return .array(
                (0..<Int.random(in: 0..<4, using: &random)).map { _ in
                    value(&random, depth: depth - 1)
                }
            )
        case 2:
            var members: [String: MetadataValue] = [:]
            for key in ["d", "f"] where Bool.random(using: &random) {
                members[key] = value(&random, depth: depth - 1)
            }
            return .object(members)
        default:
            return scalar(&random)
        }
    }

    private static func scalar(_ random: inout SeededRandom) -> MetadataValue {
        scalars.randomElement(using: &random) ?? .null
    }

    static func filter(_ random: inout SeededRandom, depth: Int) -> Filter {
        let parts = { (random: inout SeededRandom) in
            (0..<Int.random(in: 1..<4, using: &random)).map { _ in
                filter(&random, depth: depth - 1)
            }
        }
        switch depth > 0 ? Int.random(in: 0..<6, using: &random) : 5 {
        case 0: return .and(parts(&random))
        case 1: return .or(parts(&random))
        case 2: return .not(filter(&random, depth: depth - 1))
        default: return comparison(&random)
        }
    }

    private static func comparison(_ random: inout SeededRandom) -> Filter {
        let key = keys.randomElement(using: &random) ?? "a"
        let relation = Filter.Operator.allCases.randomElement(using: &random) ?? .equal
        let operand: MetadataValue
        switch relation {
        case .exists:
            operand = .bool(Bool.random(using: &random))
        case .anyOf, .noneOf:
            operand = .array(
                (0..<Int.random(in: 0..<4, using: &random)).map { _ in scalar(&random) }
            )
        case .greater, .greaterOrEqual, .less, .lessOrEqual:
            operand = ordered(&random)
        case .equal, .notEqual, .contains:
            operand = scalar(&random)
        }
        return .compare(key: key, relation, operand)
    }

    private static func ordered(_ random: inout SeededRandom) -> MetadataValue {
        while true {
            switch scalar(&random) {
            case .null, .bool, .array, .object: continue
            case let value: return value
            }
        }
    }
}
