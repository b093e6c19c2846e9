import Testing

/// The only places where memory is handled by hand: files, and folders by their final slash.
///
/// A new one needs a reviewer's eye, so it needs a line here.
private let placesOfUnsafeCode = [
    "Sources/Embedder/Models/ModelFolder.swift",
    "Sources/Embedder/Tensor/",
    "Sources/Embedder/Tokenization/Patterns/",
    "Sources/Embedder/Weights/",
    "Sources/Kernels/",
    "Sources/ModelHub/Install/StagedFolder.swift",
    "Sources/RagCore/Backup/BackupFiles.swift",
    "Sources/RagCore/Scheduling/ThreadPoolExecutor.swift",
    "Sources/VectorStore/Index/",
    "Sources/VectorStore/Lexical/Analysis/Stemmer.swift",
    "Sources/VectorStore/Persistence/DirectoryLock.swift",
    "Sources/VectorStore/Persistence/LZ4Block.swift",
    "Sources/VectorStore/Persistence/StoredBlob.swift",
]

@Suite("Unsafe code")
struct UnsafeCodeTests {
    @Test("unsafe code stays in its named places")
    func staysInNamedPlaces() throws {
        let found = Set(try uses().map(\.file.path)).sorted()
        let added = found.filter { path in !placesOfUnsafeCode.contains(where: path.hasPrefix) }
        let gone = placesOfUnsafeCode.filter { place in
            !found.contains { $0.hasPrefix(place) }
        }
        #expect(
            added.isEmpty,
            """
            Use a safe wrapper from one of the listed places (Span, VectorMath); when there is none, \
            add the file to placesOfUnsafeCode:
            \(added.joined(separator: "\n"))
            """
        )
        #expect(gone.isEmpty, "Safe now: drop it from placesOfUnsafeCode")
    }

    @Test("every use says why it is safe")
    func saysWhyItIsSafe() throws {
        let silent = try uses().filter { !hasReason($0.file, $0.index) }
            .map { $0.file.location($0.index) }
        #expect(
            silent.isEmpty,
            """
            Say above it in a `// SAFETY:` comment why the memory is in bounds, initialised, alive \
            and unaliased:
            \(silent.joined(separator: "\n"))
            """
        )
    }

    @Test("every unchecked Sendable names its guard")
    func uncheckedSendableNamesItsGuard() throws {
        var violations: [String] = []
        for file in try Repository.sources() {
            for (index, line) in file.codeLines.enumerated() where line.contains("@unchecked") {
                let comment = file.comment(above: index).lowercased()
                if !comment.contains("guard") && !comment.contains("thread safety") {
                    violations.append(file.location(index))
                }
            }
        }
        #expect(
            violations.isEmpty,
            """
            Say in the comment above what guards the state ("Thread safety: …"), or make it a value:
            \(violations.joined(separator: "\n"))
            """
        )
    }

    /// Whether a `// SAFETY:` comment covers the line.
    ///
    /// It does from the same screen, from a few lines below (a kernel's address is often fetched
    /// before the call that the comment is about), and, at the margin, for the whole declaration
    /// that it heads.
    private func hasReason(_ file: SourceFile, _ index: Int) -> Bool {
        let screen = file.lines[max(0, index - 24)..<min(file.lines.count, index + 12)]
        if screen.contains(where: { $0.contains("SAFETY:") }) {
            return true
        }
        let declaration = file.lines[...index].lastIndex { line in
            line.first.map { !$0.isWhitespace && $0 != "}" && $0 != "/" } ?? false
        }
        return declaration.map { file.comment(above: $0).contains("SAFETY:") } ?? false
    }

    private func uses() throws -> [(file: SourceFile, index: Int)] {
        let keyword = /(^|[^\w.(])unsafe\s+\S/
        return try Repository.sources().flatMap { file in
            file.codeLines.enumerated()
                .filter { $0.element.contains("unsafe") && $0.element.contains(keyword) }
                .map { (file, $0.offset) }
        }
    }
}
