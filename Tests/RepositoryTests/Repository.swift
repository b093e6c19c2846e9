import Foundation

/// The repository that the tests were built from, as text.
enum Repository {
    /// The folder that holds Package.swift.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The files below `folders` whose names end in one of `extensions`, in the order of their paths.
    static func files(
        under folders: [String],
        extensions: Set<String>
    ) throws -> [SourceFile] {
        var paths: [String] = []
        for folder in folders {
            let below = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
            while let name = below?.nextObject() as? String {
                paths.append("\(folder)/\(name)")
            }
        }
        return try paths.filter { extensions.contains(($0 as NSString).pathExtension) }
            .filter { !isFolder($0) }
            .sorted()
            .map { try SourceFile(path: $0) }
    }

    /// Every Swift file that ships, read once for all tests.
    static func sources() throws -> [SourceFile] {
        try sourcesRead.get()
    }

    private static let sourcesRead = Result {
        try files(under: ["Sources"], extensions: ["swift"])
    }

    /// Every Markdown file: those in the root, in docs and beside the test data.
    static func documents() throws -> [SourceFile] {
        let names = try FileManager.default.contentsOfDirectory(atPath: root.path)
        let atTop = try names.filter { $0.hasSuffix(".md") }.sorted().map {
            try SourceFile(path: $0)
        }
        return try atTop + files(under: ["docs", "Tests"], extensions: ["md"])
    }

    private static func isFolder(_ path: String) -> Bool {
        let values = try? root.appending(path: path).resourceValues(forKeys: [.isDirectoryKey])
        return values?.isDirectory == true
    }

    /// Whether a file or folder is there; `path` is relative to the root.
    static func contains(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }
}
