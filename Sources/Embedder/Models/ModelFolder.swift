import Foundation

/// A folder with a model's files, read with a limit on size and errors that name the file.
struct ModelFolder {
    /// The folder's path.
    let path: String

    /// The largest JSON file that is read here.
    ///
    /// Real ones have a few kilobytes; only tokenizer.json
    /// is larger, and has its own reader.
    private static let jsonByteCountMax = 1 << 20

    /// Opens a folder that must exist.
    init(path: String) throws(EmbedderError) {
        var isFolder: ObjCBool = false
        // SAFETY: Foundation fills in a local variable.
        let exists = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard exists, isFolder.boolValue else {
            throw EmbedderError(.modelNotFound, "\(path) is not a folder")
        }
        self.path = path
    }

    /// The path of a file in this folder.
    func path(of name: String) -> String { "\(path)/\(name)" }

    /// Whether the folder holds `name`.
    func contains(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: path(of: name))
    }

    /// A folder below this one.
    ///
    /// An empty path is this folder itself; a path that leaves it is an error.
    func subfolder(_ relative: String) throws(EmbedderError) -> ModelFolder {
        if relative.isEmpty { return self }
        let parts = relative.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0 != ".." && $0 != "." }) else {
            throw EmbedderError(.invalidModel, "modules.json names the path \"\(relative)\"")
        }
        do {
            return try ModelFolder(path: path(of: relative))
        } catch {
            throw EmbedderError(error.code, "modules.json: \(error.message)", cause: error.cause)
        }
    }

    /// Decodes a JSON file that must be there.
    func decode<Value: Decodable>(
        _ type: Value.Type,
        from name: String
    ) throws(EmbedderError)
        -> Value
    {
        guard let value = try decodeIfPresent(type, from: name) else {
            throw EmbedderError(.modelNotFound, "\(path(of: name)) is missing")
        }
        return value
    }

    /// Decodes a JSON file, or returns nil when there is none.
    ///
    /// One that is there and malformed is an error.
    func decodeIfPresent<Value: Decodable>(
        _ type: Value.Type,
        from name: String
    ) throws(EmbedderError) -> Value? {
        guard contains(name) else { return nil }
        let file = try MappedFile(path: path(of: name))
        guard file.byteCount <= Self.jsonByteCountMax else {
            throw EmbedderError(
                .invalidModel,
                "\(path(of: name)) has \(file.byteCount) bytes, more than \(Self.jsonByteCountMax)"
            )
        }
        let data = file.withBytes(in: 0..<file.byteCount) { bytes in
            // SAFETY: Data copies the bytes; the pointer does not outlive the closure.
            unsafe bytes.withUnsafeBytes { unsafe Data($0) }
        }
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch {
            throw EmbedderError(
                .invalidModel,
                "\(path(of: name)) is malformed: \(error)",
                cause: error
            )
        }
    }
}
