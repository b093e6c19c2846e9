extension JSONReader {
    /// Reads a string from its opening to its closing quote.
    ///
    /// A string without escapes, which nearly every one is, is validated and copied in one step.
    mutating func readString() throws(JSONError) -> String {
        let open = position
        position += 1
        let start = position
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                let text = String(validating: bytes[start..<position], as: UTF8.self)
                position += 1
                guard let text else { throw invalidUTF8(at: open) }
                return text
            case UInt8(ascii: "\\"):
                return try readEscapedString(open: open, start: start)
            case 0..<0x20:
                throw error("a control character in a string must be escaped as \\u00XX")
            default:
                position += 1
            }
        }
        throw JSONError(reason: "the string that starts here has no end", offset: open)
    }

    /// Goes on with a string whose first escape has been met.
    private mutating func readEscapedString(open: Int, start: Int) throws(JSONError) -> String {
        var units = Array(bytes[start..<position])
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let text = String(validating: units, as: UTF8.self) else {
                    throw invalidUTF8(at: open)
                }
                return text
            case UInt8(ascii: "\\"):
                units.append(contentsOf: String(try readEscape()).utf8)
            case 0..<0x20:
                throw error("a control character in a string must be escaped as \\u00XX")
            default:
                units.append(byte)
                position += 1
            }
        }
        throw JSONError(reason: "the string that starts here has no end", offset: open)
    }

    private mutating func readEscape() throws(JSONError) -> Unicode.Scalar {
        position += 1
        guard let byte = current else { throw unexpected(expected: "an escaped character") }
        let scalar: Unicode.Scalar
        switch byte {
        case UInt8(ascii: "\""): scalar = "\""
        case UInt8(ascii: "\\"): scalar = "\\"
        case UInt8(ascii: "/"): scalar = "/"
        case UInt8(ascii: "b"): scalar = "\u{08}"
        case UInt8(ascii: "f"): scalar = "\u{0C}"
        case UInt8(ascii: "n"): scalar = "\n"
        case UInt8(ascii: "r"): scalar = "\r"
        case UInt8(ascii: "t"): scalar = "\t"
        case UInt8(ascii: "u"): return try readUnicodeEscape()
        default: throw unexpected(expected: "one of \" \\ / b f n r t u after '\\'")
        }
        position += 1
        return scalar
    }

    /// Reads `uXXXX`, and the second half of a surrogate pair where the first one was read.
    private mutating func readUnicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let start = position
        let first = try readCodeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        let isHigh = first & 0xFC00 == 0xD800
        guard isHigh, current == UInt8(ascii: "\\"), position + 1 < bytes.count,
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw unpairedSurrogate(at: start) }
        position += 1
        let second = try readCodeUnit()
        guard second & 0xFC00 == 0xDC00 else { throw unpairedSurrogate(at: start) }
        let value = 0x1_0000 + UInt32(first & 0x03FF) << 10 + UInt32(second & 0x03FF)
        guard let scalar = Unicode.Scalar(value) else { throw unpairedSurrogate(at: start) }
        return scalar
    }

    /// Reads `u` and four hexadecimal digits.
    private mutating func readCodeUnit() throws(JSONError) -> UInt16 {
        position += 1
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = hexadecimalDigit(byte) else {
                throw unexpected(expected: "four hexadecimal digits after '\\u'")
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    private func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private func invalidUTF8(at offset: Int) -> JSONError {
        JSONError(reason: "the string that starts here is not valid UTF-8", offset: offset)
    }

    private func unpairedSurrogate(at offset: Int) -> JSONError {
        JSONError(
            reason: "a \\u surrogate without its other half stands for no character",
            offset: offset
        )
    }
}
