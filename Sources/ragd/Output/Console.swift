import Foundation

/// The two streams of a command: answers go to standard output, everything about them to standard
/// error, so that the one can be piped while the other is read.
enum Console {
    /// Whether a person is looking at standard error.
    static let isTerminal = isatty(STDERR_FILENO) == 1

    /// Writes a line to standard error.
    static func note(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    /// Overwrites the last line on standard error, where that is a terminal.
    static func progress(_ text: String) {
        guard isTerminal else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
    }

    /// Ends the line that `progress` has been overwriting.
    static func endProgress() {
        guard isTerminal else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    }

    /// Writes `value` to standard output as one line of JSON.
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// The lines of standard input that are not blank.
    static func standardInputLines() -> [String] {
        var lines: [String] = []
        while let line = readLine() {
            if line.allSatisfy(\.isWhitespace) { continue }
            lines.append(line)
        }
        return lines
    }
}
