import Foundation
import RagCore

/// A file on disk as a document.
struct TextFile {
    /// What the file is called in the collection and in citations: its path as it was given.
    let path: String

    /// Extensions of files that are taken as they are.
    private static let textExtensions: Set<String> = ["md", "markdown", "txt", "text"]

    /// Why a file was left out.
    struct Skipped: Error {
        let reason: String
    }

    /// Reads the file.
    ///
    /// - Throws: `Skipped` when it is not a text or Markdown file in UTF-8.
    func document() throws(Skipped) -> DocumentInput {
        let suffix = (path as NSString).pathExtension.lowercased()
        guard Self.textExtensions.contains(suffix) else {
            throw Skipped(reason: "not text or Markdown")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Skipped(reason: "cannot be read")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw Skipped(reason: "not UTF-8")
        }
        return DocumentInput(
            id: path,
            text: text,
            title: suffix.hasPrefix("m") ? Self.heading(of: text) : nil,
            source: path
        )
    }

    /// The first heading of a Markdown text, where the text begins with one.
    private static func heading(of text: String) -> String? {
        let line = text.split(separator: "\n").first { !$0.allSatisfy(\.isWhitespace) }
        guard let line, line.hasPrefix("# ") else { return nil }
        let heading = line.dropFirst(2).trimmingCharacters(in: .whitespaces)
        return heading.isEmpty ? nil : heading
    }
}
