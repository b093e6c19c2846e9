import Foundation
import Testing

/// A habit of this repository: a pattern that does not belong, and what to write in its place.
struct Habit: Sendable, CustomTestStringConvertible {
    let name: String
    /// A regular expression over one line of code.
    let pattern: String
    /// Path prefixes of the files that are let off.
    var exempt: [String] = []
    /// What to do about a finding.
    let mend: String

    var testDescription: String { name }

    static let all = [
        Habit(
            name: "no try!",
            pattern: #"\btry!"#,
            mend: "Let the error out with `throws(…)`; for a constant that cannot fail, build it so"
        ),
        Habit(
            name: "no fatalError",
            pattern: #"\bfatalError\("#,
            mend: "Throw for bad input; `precondition` with the values for a bad program"
        ),
        Habit(
            name: "no forced casts",
            pattern: #"\bas!"#,
            mend: "Use `as?` and throw, or a type that makes the cast needless"
        ),
        Habit(
            name: "print only in the command line",
            pattern: #"(^|[^\w.])(debugPrint|print)\("#,
            exempt: ["Sources/ragd/"],
            mend: "Log through the Logger that was passed in"
        ),
        Habit(
            name: "no unstructured concurrency",
            pattern: #"\bTask\.detached\b|\bDispatchSemaphore\b|\bDispatchQueue\b"#,
            mend: "Use a task group, a Mutex, or one of the project's threads"
        ),
        Habit(
            name: "no unguarded globals",
            pattern: #"\bnonisolated\(unsafe\)"#,
            mend: "Use a constant, a Mutex or an atomic"
        ),
    ]
}

@Suite("Tidiness")
struct TidyTests {
    @Test("the sources keep the habits", arguments: Habit.all)
    func sourcesKeepHabit(_ habit: Habit) throws {
        let pattern = try Regex(habit.pattern).matchingSemantics(.unicodeScalar)
        var findings: [String] = []
        for file in try Repository.sources() {
            if habit.exempt.contains(where: file.path.hasPrefix) {
                continue
            }
            for (index, line) in file.codeLines.enumerated() where line.contains(pattern) {
                findings.append(file.location(index))
            }
        }
        #expect(findings.isEmpty, "\(habit.mend):\n\(findings.joined(separator: "\n"))")
    }

    @Test("no file outgrows one noun")
    func filesStayShort() throws {
        let linesMax = 500
        let files = try Repository.files(
            under: ["Sources", "Tests", "Benchmarks"],
            extensions: ["c", "h", "swift"]
        )
        let long = files.filter { $0.lines.count > linesMax }
            .map { "\($0.path): \($0.lines.count) lines" }
        #expect(
            long.isEmpty,
            "Move the second noun of the file out:\n\(long.joined(separator: "\n"))"
        )
    }

    @Test("nothing names a folder of one machine")
    func namesNoMachine() throws {
        // Joined here, or this file would be its own first finding.
        let homes = ["home", "root", "Users", "work"].map { "/\($0)/" }
        let folders = [".ci", "Benchmarks", "Sources", "Tests", "config", "docs", "scripts"]
        let files =
            try Repository.documents()
            + Repository.files(
                under: folders,
                extensions: ["", "c", "h", "md", "py", "service", "sh", "swift", "toml"]
            )
        var findings: [String] = []
        for file in files {
            for (index, line) in file.lines.enumerated() where homes.contains(where: line.contains)
            {
                findings.append(file.location(index))
            }
        }
        #expect(
            findings.isEmpty,
            "Use a path relative to the repository:\n\(findings.joined(separator: "\n"))"
        )
    }

    @Test("the reader of code drops comments and strings")
    func codeReaderDropsProse() {
        let file = SourceFile(
            path: "example.swift",
            text: #"""
                let a = "try! \(b(")")) as!" + c // fatalError(
                /// print(
                let long = """
                    try!
                    """
                """#
        )
        #expect(
            file.codeLines.map { $0.trimmingCharacters(in: .whitespaces) } == [
                #"let a = "" + c"#, "", "let long =", "", "",
            ]
        )
    }
}
