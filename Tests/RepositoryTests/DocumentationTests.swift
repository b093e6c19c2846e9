import Foundation
import Testing

@Suite("Documentation")
struct DocumentationTests {
    @Test("every document has one title, on its first line")
    func hasOneTitle() throws {
        for document in try Repository.documents() {
            let titles = document.prose.filter { $0.hasPrefix("# ") }
            #expect(
                titles.count == 1 && document.lines.first?.hasPrefix("# ") == true,
                "\(document.path): start with one `# Title` and make the other headings `##`"
            )
        }
    }

    @Test("every link between documents leads somewhere")
    func linksResolve() throws {
        var broken: [String] = []
        for document in try Repository.documents() {
            let folder = URL(fileURLWithPath: document.path, relativeTo: Repository.root)
                .deletingLastPathComponent()
            for (index, line) in document.lines.enumerated() {
                for match in line.matches(of: /\]\(([^)\s]+)\)/) {
                    let link = String(match.1)
                    if link.hasPrefix("http://") || link.hasPrefix("https://") {
                        continue
                    }
                    if try !resolves(link, from: folder, in: document) {
                        broken.append("\(document.location(index)): \(link)")
                    }
                }
            }
        }
        #expect(
            broken.isEmpty,
            "Correct the path or the heading's anchor:\n\(broken.joined(separator: "\n"))"
        )
    }

    @Test("every path in backticks exists")
    func pathsExist() throws {
        let pattern = /`((?:Benchmarks|Sources|Tests|config|docs|scripts|\.ci)\/[\w.\/+-]*)`/
        let missing = try Repository.documents().flatMap { document in
            document.lines.enumerated().flatMap { index, line in
                line.matches(of: pattern)
                    .filter { !Repository.contains(String($0.1)) }
                    .map { "\(document.location(index)): \($0.1)" }
            }
        }
        #expect(
            missing.isEmpty,
            "Name the file where it is now:\n\(missing.joined(separator: "\n"))"
        )
    }

    @Test("every type that a document names is declared")
    func typesExist() throws {
        let declaration = /(?:actor|class|enum|protocol|struct)\s+([A-Z]\w+)/
        let declared = Set(
            try Repository.sources().flatMap(\.codeLines).filter {
                !$0.hasPrefix(" ") || $0.contains(" {")
            }
            .flatMap { $0.matches(of: declaration) }
            .map { String($0.1) }
        )
        let documents = try Repository.files(under: ["docs"], extensions: ["md"])
        let unknown = documents.flatMap { document in
            document.lines.enumerated().flatMap { index, line in
                line.matches(of: /`([A-Z][a-z]\w*[A-Z]\w*)`/)
                    .filter {
                        !declared.contains(String($0.1)) && !Self.foreignTypes.contains($0.1)
                    }
                    .map { "\(document.location(index)): \($0.1)" }
            }
        }
        #expect(
            unknown.isEmpty,
            "Use the type's name of today:\n\(unknown.joined(separator: "\n"))"
        )
    }

    /// Types of other packages, and of the tests, that the documents speak of.
    private static let foreignTypes: Set<Substring> = ["DatabasePool", "SeededRandom"]

    @Test("every make target in the documents is in the Makefile")
    func makeTargetsExist() throws {
        let targets = Set(
            try SourceFile(path: "Makefile").lines
                .compactMap { $0.firstMatch(of: /^([a-z-]+):.*##/).map { String($0.1) } }
        )
        try expectKnown(targets, in: /(?:^|`)make ([a-z-]+)/, called: "make target")
    }

    @Test("every ragd command in the documents is a command")
    func commandsExist() throws {
        let files = try Repository.files(under: ["Sources/ragd"], extensions: ["swift"])
        let commands = Set(files.compactMap(Self.commandName))
        try expectKnown(commands, in: /(?:^|`|release\/)ragd ([a-z]+)/, called: "ragd command")
    }

    /// The name of the command that a file declares: said outright, or that of its type.
    private static func commandName(in file: SourceFile) -> String? {
        let text = file.lines.joined(separator: "\n")
        let type = text.firstMatch(of: /struct (\w+): (?:Async)?ParsableCommand/)
        let name = text.firstMatch(of: /commandName: "([a-z]+)"/)
        return name.map { String($0.1) } ?? type.map { $0.1.lowercased() }
    }

    /// Expects the first group of every match in code, fenced or in backticks, to be in `known`.
    private func expectKnown(
        _ known: Set<String>,
        in pattern: Regex<(Substring, Substring)>,
        called kind: String
    ) throws {
        var unknown: [String] = []
        for document in try Repository.documents() {
            for (index, line) in document.lines.enumerated() {
                let text = line.trimmingCharacters(in: .whitespaces)
                let isCode = document.isFenced(index) || line.hasPrefix("    ")
                for match in text.matches(of: pattern) where isCode || match.0.hasPrefix("`") {
                    if !known.contains(String(match.1)) {
                        unknown.append("\(document.location(index)): \(match.1)")
                    }
                }
            }
        }
        #expect(
            unknown.isEmpty,
            "No such \(kind), only \(known.sorted()):\n\(unknown.joined(separator: "\n"))"
        )
    }

    /// Whether a relative link leads to a file and, when it has an anchor, to a heading in it.
    private func resolves(
        _ link: String,
        from folder: URL,
        in document: SourceFile
    ) throws -> Bool {
        let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        var target = document
        if let path = parts.first, !path.isEmpty {
            let url = folder.appending(path: String(path)).standardizedFileURL
            guard FileManager.default.fileExists(atPath: url.path) else {
                return false
            }
            guard parts.count == 2, url.pathExtension == "md" else {
                return true
            }
            let text = try String(contentsOf: url, encoding: .utf8)
            target = SourceFile(path: url.path, text: text)
        }
        return parts.count < 2 || target.anchors.contains(String(parts[1]))
    }
}

extension SourceFile {
    /// Whether a line of a Markdown file stands inside a fenced code block.
    fileprivate func isFenced(_ index: Int) -> Bool {
        !lines[..<index].count { $0.hasPrefix("```") }.isMultiple(of: 2)
    }

    /// The lines of a Markdown file outside fenced code blocks.
    fileprivate var prose: [String] {
        lines.indices.filter { !isFenced($0) }.map { lines[$0] }
    }

    /// The anchors that a Markdown file's headings get: lower case, spaces as hyphens, no punctuation.
    fileprivate var anchors: Set<String> {
        Set(
            prose.filter { $0.hasPrefix("#") }.map { heading in
                heading.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased()
                    .replacing(" ", with: "-")
                    .filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
            }
        )
    }
}
