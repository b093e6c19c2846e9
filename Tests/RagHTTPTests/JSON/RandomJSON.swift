import TestSupport
import VectorStore

/// Random JSON values for comparisons with other readers and writers.
enum RandomJSON {
    static func value(depth: Int, using random: inout SeededRandom) -> MetadataValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(random.next() % 2 == 0)
        case 2: return .integer(Int64(truncatingIfNeeded: random.next()))
        case 3: return .integer(Int64.random(in: -100...100, using: &random))
        // Halves are exact in every reader and are never taken for integers.
        case 4: return .number(Double(Int.random(in: -1000...1000, using: &random)) + 0.5)
        case 5: return .string(string(using: &random))
        case 6:
            let count = Int.random(in: 0...4, using: &random)
            return .array((0..<count).map { _ in value(depth: depth - 1, using: &random) })
        default:
            var members: [String: MetadataValue] = [:]
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                members[string(using: &random)] = value(depth: depth - 1, using: &random)
            }
            return .object(members)
        }
    }

    static func string(using random: inout SeededRandom) -> String {
        let alphabet: [Character] = ["a", "Z", "\"", "\\", "/", "\n", "\u{1}", "é", "中", "😀", " "]
        let count = Int.random(in: 0...8, using: &random)
        return String((0..<count).map { _ in alphabet[Int(random.next() % 11)] })
    }

    /// Equal but for the kind of number that other readers give whole ones.
    static func isEqual(_ first: MetadataValue, _ second: MetadataValue) -> Bool {
        switch (first, second) {
        case (.array(let first), .array(let second)):
            first.count == second.count && zip(first, second).allSatisfy { isEqual($0, $1) }
        case (.object(let first), .object(let second)):
            first.count == second.count
                && first.allSatisfy { key, value in second[key].map { isEqual($0, value) } ?? false
                }
        case (.number(let first), .integer(let second)): first == Double(second)
        case (.integer(let first), .number(let second)): Double(first) == second
        default: first == second
        }
    }
}
