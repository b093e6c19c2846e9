internal import Foundation
internal import VectorStore

/// What a backup says of itself: `manifest.json` beside its files.
struct BackupManifest: Codable, Equatable {
    /// A file of the backup.
    struct File: Codable, Equatable {
        var name: String
        var bytes: Int
        /// SHA-256 in hexadecimal.
        var sha256: String
    }

    /// What is in the backup, for people.
    struct Collection: Codable, Equatable {
        var name: String
        var documents: Int
        var chunks: Int
        var position: Int64
    }

    /// The version of this layout.
    var format: Int
    /// The ragd that made it.
    var ragd: String
    /// When it was begun, in ISO 8601.
    var created: String
    var files: [File]
    var collections: [Collection]

    /// Its file's name.
    static let name = "manifest.json"
    /// The version that is written and read.
    static let formatNow = 1
    /// A manifest of as many collections as there may be stays far below.
    private static let byteCountMax = 16 << 20

    /// Reads the manifest of a backup.
    ///
    /// - Throws: `notFound` when the folder is none, `invalid` when it cannot be read here.
    init(in folder: String) throws(RagError) {
        let path = "\(folder)/\(Self.name)"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw RagError(.notFound, "\(folder) is not a backup: it has no \(Self.name)")
        }
        guard data.count <= Self.byteCountMax else {
            throw RagError(
                .invalid,
                "\(path) has \(data.count) bytes, \(Self.byteCountMax) at most"
            )
        }
        do {
            self = try JSONDecoder().decode(Self.self, from: data)
        } catch {
            throw RagError(.invalid, "\(path) cannot be read: it is damaged", cause: error)
        }
        guard format == Self.formatNow else {
            throw RagError(
                .invalid,
                "\(path) has format \(format), and this ragd reads \(Self.formatNow)"
            )
        }
    }

    /// Describes the files of a backup that was checked.
    init(ragd: String, created: String, files: [File], report: StoreReport) {
        format = Self.formatNow
        self.ragd = ragd
        self.created = created
        self.files = files
        collections = report.collections.map {
            Collection(
                name: $0.name,
                documents: $0.documentCount,
                chunks: $0.chunkCount,
                position: $0.position
            )
        }
    }

    /// The bytes of the manifest's file.
    func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self) + Data("\n".utf8)
    }
}
