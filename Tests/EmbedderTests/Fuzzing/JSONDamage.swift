import TestSupport

/// Ways to spoil a JSON document: bytes, and values that are written right and mean something wrong.
struct JSONDamage {
    private let bytes: [UInt8]
    /// Where numbers, strings and the three words stand.
    private let literals: [Range<Int>]

    private static let values = [
        "-1", "0", "1", "2", "3", "7", "255", "256", "65535", "65536", "2097151", "2097152",
        "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "0.5", "-0.0", "1e-320", "1e308", "1e999",
        "null", "true", "false", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"\u{10ffff}\"", "[]", "{}",
        "[1]", "[[]]", "{\"type\":\"BPE\"}",
    ]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        literals = Self.literals(of: bytes)
    }

    private static func literals(of bytes: [UInt8]) -> [Range<Int>] {
        let structure = Set("{}[]:, \n\r\t".utf8)
        var literals: [Range<Int>] = []
        var start = 0
        while start < bytes.count {
            guard !structure.contains(bytes[start]) else {
                start += 1
                continue
            }
            var end = start + 1
            if bytes[start] == UInt8(ascii: "\"") {
                while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
                    end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
                }
                end = min(end + 1, bytes.count)
            } else {
                while end < bytes.count, !structure.contains(bytes[end]) { end += 1 }
            }
            literals.append(start..<end)
            start = end
        }
        return literals
    }

    /// The document with one to three things spoilt.
    func damaged(using random: inout SeededRandom) -> [UInt8] {
        guard Int.random(in: 0..<3, using: &random) > 0 else {
            var bytes = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                Self.spoil(&bytes, using: &random)
            }
            return bytes
        }
        // From the end, so that the places before stay where they are.
        var bytes = bytes
        let places = (0..<Int.random(in: 1...2, using: &random))
            .map { _ in Int.random(in: 0..<literals.count, using: &random) }
        for place in Set(places).sorted(by: >) {
            let other: [UInt8]
            if Bool.random(using: &random) {
                other = Array(
                    Self.values[Int.random(in: 0..<Self.values.count, using: &random)].utf8
                )
            } else {
                other = Array(
                    self.bytes[literals[Int.random(in: 0..<literals.count, using: &random)]]
                )
            }
            bytes.replaceSubrange(literals[place], with: other)
        }
        return bytes
    }

    /// Flips bits, cuts, repeats, inserts, nests.
    private static func spoil(_ bytes: inout [UInt8], using random: inout SeededRandom) {
        guard !bytes.isEmpty else { return }
        let start = Int.random(in: 0..<bytes.count, using: &random)
        let range = start..<min(bytes.count, start + Int.random(in: 1...40, using: &random))
        switch Int.random(in: 0..<7, using: &random) {
        case 0: bytes.removeSubrange(range)
        case 1: bytes.insert(contentsOf: bytes[range], at: range.upperBound)
        case 2: bytes.removeSubrange(start...)
        case 3:
            let other = Int.random(in: 0..<bytes.count, using: &random)
            bytes.insert(contentsOf: bytes[range], at: other)
        case 4:
            for index in range { bytes[index] = UInt8.random(in: 0...255, using: &random) }
        case 5:
            let depth = 1 << Int.random(in: 0...14, using: &random)
            let open = Bool.random(using: &random) ? "[" : "{\"a\":"
            bytes.insert(contentsOf: Array(String(repeating: open, count: depth).utf8), at: start)
        default: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
    }
}
