/// An expression that is being read.
struct PatternSource {
    /// The largest count of an interval.
    private static let countMax = 1_000

    private let scalars: [Unicode.Scalar]
    private var position = 0

    init(_ expression: String) {
        scalars = Array(expression.unicodeScalars)
    }

    var isAtEnd: Bool { position == scalars.count }

    /// The next scalar, which stays; nil at the end.
    func peek() -> Unicode.Scalar? {
        isAtEnd ? nil : scalars[position]
    }

    /// Up to `count` scalars from here, for messages.
    func ahead(_ count: Int) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[position...].prefix(count))
        return String(text)
    }

    /// Passes over one scalar.
    mutating func advance() {
        position += 1
    }

    /// Takes the next scalar.
    mutating func next() throws(PatternRefusal) -> Unicode.Scalar {
        guard let scalar = peek() else { throw PatternRefusal("an end inside of a piece") }
        advance()
        return scalar
    }

    /// Passes over `text`, when it comes next.
    mutating func skip(_ text: String) -> Bool {
        let expected = Array(text.unicodeScalars)
        guard scalars[position...].starts(with: expected) else { return false }
        position += expected.count
        return true
    }

    /// Takes up to the first `end`, which is passed over.
    mutating func text(upTo end: Unicode.Scalar) throws(PatternRefusal) -> String {
        var text = String.UnicodeScalarView()
        while true {
            let scalar = try next()
            if scalar == end { return String(text) }
            text.append(scalar)
        }
    }

    /// Takes a count of an interval.
    mutating func count() throws(PatternRefusal) -> Int {
        var digits = ""
        while let digit = peek(), ("0"..."9").contains(digit), digits.utf8.count < 5 {
            digits.unicodeScalars.append(digit)
            advance()
        }
        guard let count = Int(digits) else { throw PatternRefusal("a { that begins no interval") }
        guard count <= Self.countMax else {
            throw PatternRefusal("an interval of \(count); at most \(Self.countMax)")
        }
        return count
    }

    /// Takes `count` hexadecimal digits as a scalar.
    mutating func hexadecimal(_ count: Int) throws(PatternRefusal) -> Unicode.Scalar {
        var digits = ""
        for _ in 0..<count { digits.unicodeScalars.append(try next()) }
        return try Self.scalar(digits)
    }

    /// The scalar that hexadecimal digits name.
    static func scalar(_ digits: String) throws(PatternRefusal) -> Unicode.Scalar {
        let isNumber = digits.utf8.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
        guard isNumber, let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value)
        else { throw PatternRefusal("\(digits.debugDescription), which is no scalar") }
        return scalar
    }
}
