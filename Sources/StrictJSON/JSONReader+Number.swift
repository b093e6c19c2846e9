extension JSONReader {
    /// Reads a number: an exact 64-bit integer when it has neither fraction nor exponent, the
    /// nearest `Double` otherwise.
    mutating func readNumber() throws(JSONError) -> JSONValue.Content {
        let start = position
        let isNegative = current == UInt8(ascii: "-")
        if isNegative { position += 1 }

        // Pass 1: the grammar, collecting the first 19 digits, which always fit in 64 bits.
        var digits = DecimalDigits()
        let integerStart = position
        try readDigits(into: &digits, isFraction: false)
        if position - integerStart > 1, bytes[integerStart] == UInt8(ascii: "0") {
            throw JSONError(reason: "a number has no leading zero", offset: integerStart)
        }
        var isInteger = true
        if current == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try readDigits(into: &digits, isFraction: true)
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isInteger = false
            try readExponent(into: &digits)
        }

        // Pass 2: the value.
        if isInteger {
            return .integer(try integer(digits, isNegative: isNegative, start: start))
        }
        let magnitude = digits.exactDouble ?? slowDouble(integerStart..<position)
        guard magnitude.isFinite else {
            throw JSONError(reason: "the number is too large for a 64-bit float", offset: start)
        }
        return .number(isNegative ? -magnitude : magnitude)
    }

    private mutating func readDigits(
        into digits: inout DecimalDigits,
        isFraction: Bool
    ) throws(JSONError) {
        let start = position
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            digits.append(byte - UInt8(ascii: "0"), isFraction: isFraction)
            position += 1
        }
        guard position > start else { throw unexpected(expected: "a digit") }
    }

    private mutating func readExponent(into digits: inout DecimalDigits) throws(JSONError) {
        position += 1
        let isNegative = current == UInt8(ascii: "-")
        if isNegative || current == UInt8(ascii: "+") { position += 1 }
        let start = position
        var exponent = 0
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            // Past 9999 every value has long become zero or infinite.
            exponent = min(exponent * 10 + Int(byte - UInt8(ascii: "0")), 9999)
            position += 1
        }
        guard position > start else { throw unexpected(expected: "a digit of the exponent") }
        digits.exponent += isNegative ? -exponent : exponent
    }

    private func integer(
        _ digits: DecimalDigits,
        isNegative: Bool,
        start: Int
    ) throws(JSONError) -> Int64 {
        if !digits.isTruncated {
            if isNegative, digits.significand <= Int64.min.magnitude {
                // Safe: two's complement negation of a magnitude that was just checked.
                return Int64(truncatingIfNeeded: 0 &- digits.significand)
            }
            if !isNegative, let value = Int64(exactly: digits.significand) {
                return value
            }
        }
        throw JSONError(
            reason: "the integer is outside -2^63 ..< 2^63; send it as a string or a float",
            offset: start
        )
    }

    private func slowDouble(_ range: Range<Int>) -> Double {
        // The grammar has been checked: every JSON number is one that `Double` reads.
        Double(String(decoding: bytes[range], as: UTF8.self)) ?? .nan
    }
}

/// The digits of a decimal number as far as 64 bits hold them.
private struct DecimalDigits {
    /// The digits so far, as an integer.
    private(set) var significand: UInt64 = 0

    /// The power of ten that the significand is multiplied by.
    var exponent = 0

    /// Whether there were more digits than fit; they are counted, not kept.
    private(set) var isTruncated = false

    private var digitCount = 0

    mutating func append(_ digit: UInt8, isFraction: Bool) {
        if digitCount < 19 {
            // Safe: 19 digits are below 10^19, which is below 2^64.
            significand = significand &* 10 &+ UInt64(digit)
            // Leading zeros take no room.
            digitCount += significand > 0 ? 1 : 0
            exponent -= isFraction ? 1 : 0
        } else {
            isTruncated = true
            exponent += isFraction ? 0 : 1
        }
    }

    /// The value when one correctly rounded operation gives it, else nil.
    ///
    /// Both factors are exact as `Double` when the significand is at most 2^53 and the power of ten
    /// at most 10^22, so that the single product or quotient is the nearest `Double`
    /// (W. D. Clinger, "How to read floating point numbers accurately", PLDI 1990).
    var exactDouble: Double? {
        guard !isTruncated, significand <= 1 << 53, abs(exponent) < Self.powersOfTen.count else {
            return nil
        }
        let power = Self.powersOfTen[abs(exponent)]
        return exponent < 0 ? Double(significand) / power : Double(significand) * power
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]
}
