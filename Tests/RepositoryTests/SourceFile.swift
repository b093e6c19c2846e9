import Foundation

/// One text file of the repository, with its lines as written and as code.
struct SourceFile: Sendable {
    /// Where it is, relative to the repository's root.
    let path: String
    /// The lines as they stand in the file.
    let lines: [String]
    /// The lines of a Swift file without comments and without what stands in string literals, so
    /// that a rule about code does not stumble over prose.
    let codeLines: [String]

    init(path: String) throws {
        let url = Repository.root.appending(path: path)
        self.init(path: path, text: try String(contentsOf: url, encoding: .utf8))
    }

    init(path: String, text: String) {
        self.path = path
        var lines = text.components(separatedBy: "\n")
        if lines.last == "" {
            lines.removeLast()
        }
        self.lines = lines
        codeLines = path.hasSuffix(".swift") ? Self.code(in: lines) : []
    }

    private static func code(in lines: [String]) -> [String] {
        var insideLongString = false
        return lines.map { line in
            // Most lines hold neither a string nor a comment.
            if !insideLongString && !line.utf8.contains(where: { "\"/".utf8.contains($0) }) {
                return line
            }
            var code = ""
            var rest = line[...]
            while let character = rest.first {
                if rest.hasPrefix("\"\"\"") {
                    insideLongString.toggle()
                    rest.removeFirst(3)
                } else if insideLongString {
                    rest.removeFirst()
                } else if rest.hasPrefix("//") {
                    break
                } else if character == "\"" {
                    rest = Self.afterString(rest.dropFirst())
                    code += "\"\""
                } else {
                    code.append(character)
                    rest.removeFirst()
                }
            }
            return code
        }
    }

    /// What follows the closing quote of a one-line string literal; an interpolation counts as text.
    private static func afterString(_ text: Substring) -> Substring {
        var rest = text
        var depth = 0
        while let character = rest.popFirst() {
            if character == "\\", let escaped = rest.popFirst() {
                depth += escaped == "(" ? 1 : 0
            } else if depth > 0, character == "(" || character == ")" {
                depth += character == "(" ? 1 : -1
            } else if depth == 0, character == "\"" {
                break
            }
        }
        return rest
    }

    /// The comment lines directly above line `index`, attributes between them skipped.
    func comment(above index: Int) -> String {
        var comment: [String] = []
        for line in lines[..<index].reversed() {
            let trimmed = line.trimmingCharacters(in: .whitespaces)
            if trimmed.hasPrefix("//") {
                comment.append(trimmed)
            } else if !trimmed.hasPrefix("@") {
                break
            }
        }
        return comment.reversed().joined(separator: "\n")
    }

    /// Names a line as editors do, counting from one.
    func location(_ index: Int) -> String {
        "\(path):\(index + 1)"
    }
}
