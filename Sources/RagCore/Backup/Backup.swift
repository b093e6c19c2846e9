internal import Foundation
internal import VectorStore

/// Copies of a data folder: made while the daemon runs, checked, and put back.
///
/// A backup is a folder with the database in one file and a manifest with its hash. It is there whole or
/// not at all: everything is made in a folder beside the destination, checked there, flushed, and then
/// renamed. A restore does the same in the other direction.
///
/// Paths come from an operator's command line, never from a request.
public struct Backup: Sendable {
    /// What was done, for the operator.
    public struct Summary: Sendable, Hashable {
        /// Where the backup, or the restored data folder, is.
        public var path: String
        /// Bytes of the database.
        public var bytes: Int
        /// Collections in it.
        public var collections: Int
        /// Documents in all of them.
        public var documents: Int
        /// The folder that a restore moved out of the way.
        public var replaced: String?
    }

    /// The database's name in data folders and backups.
    private static let database = "ragd.sqlite"

    /// The backup in that folder, which need not exist yet.
    public init(_ folder: String) {
        self.folder = BackupFiles.trimmed(folder)
    }

    private let folder: String

    /// Makes the backup of a data folder, beside the daemon that may serve it.
    ///
    /// Blocks the calling thread for as long as copying and reading the database takes.
    ///
    /// - Parameters:
    ///   - data: the data folder.
    ///   - bytesPerSecond: how fast to copy at most; `nil` for as fast as it goes.
    ///   - version: of this ragd, for the manifest.
    ///   - progress: is told which part is copied, 0 to 1.
    /// - Returns: what the backup holds.
    /// - Throws: `conflict` when the destination exists, `fault` when the copy does not verify or the
    ///   disk fails, `notFound` when there is no data. Nothing is left behind then.
    public func make(
        of data: String,
        bytesPerSecond: Int?,
        version: String,
        progress: @escaping (Double) -> Void = { _ in }
    ) throws(RagError) -> Summary {
        guard !BackupFiles.isThere(folder) else {
            throw RagError(.conflict, "\(folder) exists; name a new folder for each backup")
        }
        let created = Date().ISO8601Format()
        return try staged(beside: folder) { staging throws(RagError) in
            let copy = "\(staging)/\(Self.database)"
            let report = try translating { () throws(VectorStoreError) in
                try VectorStore.copy(
                    directory: data,
                    to: copy,
                    bytesPerSecond: bytesPerSecond,
                    progress: progress
                )
                return try VectorStore.check(directory: staging)
            }
            try Self.refuse(report.findings, of: "the copy of \(data)")
            let digest = try BackupFiles.digest(copy)
            let manifest = BackupManifest(
                ragd: version,
                created: created,
                files: [
                    .init(name: Self.database, bytes: digest.bytes, sha256: digest.sha256)
                ],
                report: report
            )
            let bytes = try BackupFiles.wrap(staging) { try manifest.encoded() }
            try BackupFiles.write(bytes, to: "\(staging)/\(BackupManifest.name)")
            try BackupFiles.flush(copy)
            try BackupFiles.flush(staging)
            try BackupFiles.rename(staging, to: folder)
            return summary(manifest, path: folder)
        }
    }

    /// Reads the whole backup back: sizes, hashes, and everything that `VectorStore.check` reads.
    ///
    /// - Returns: one line a finding; none when all is well.
    /// - Throws: `notFound` when the folder is no backup, `invalid` when it cannot be read here.
    public func findings() throws(RagError) -> [String] {
        let manifest = try BackupManifest(in: folder)
        var findings: [String] = []
        for file in manifest.files {
            do throws(RagError) {
                try Self.check(file, at: "\(folder)/\(file.name)")
            } catch {
                findings.append(error.message)
            }
        }
        guard findings.isEmpty else { return findings }
        return try translating { () throws(VectorStoreError) in
            try VectorStore.check(directory: folder).findings
        }
    }

    /// Makes a data folder of the backup.
    ///
    /// The copy is verified before it takes the folder's name. A folder that is there already is
    /// refused, or with `replacing` kept beside under another name, which the summary tells; both
    /// change places in one step.
    ///
    /// - Parameters:
    ///   - data: the data folder; no daemon may have it open.
    ///   - replacing: whether there may be one.
    /// - Returns: what was restored.
    /// - Throws: `conflict` when there is a data folder or a daemon has it open; `notFound`, `invalid`
    ///   or `fault` when the backup does not verify; `fault` when the disk fails. Nothing has changed
    ///   then.
    public func restore(to data: String, replacing: Bool) throws(RagError) -> Summary {
        let data = BackupFiles.trimmed(data)
        let manifest = try BackupManifest(in: folder)
        let exists = BackupFiles.isThere(data)
        guard replacing || !exists else {
            throw RagError(
                .conflict,
                "\(data) exists; --replace keeps it under another name and restores in its place"
            )
        }
        guard let file = manifest.files.first, manifest.files.count == 1,
            file.name == Self.database
        else {
            throw RagError(.invalid, "\(folder) does not consist of one \(Self.database)")
        }
        return try staged(beside: data) { staging throws(RagError) in
            let copy = "\(staging)/\(file.name)"
            try BackupFiles.wrap(copy) {
                try FileManager.default.copyItem(
                    atPath: "\(folder)/\(file.name)",
                    toPath: copy
                )
            }
            try Self.check(file, at: copy)
            let report = try translating { () throws(VectorStoreError) in
                try VectorStore.check(directory: staging)
            }
            try Self.refuse(report.findings, of: folder)
            try BackupFiles.flush(copy)
            try BackupFiles.flush(staging)
            var summary = summary(manifest, path: data)
            if exists {
                summary.replaced = try Self.exchange(staging, with: data)
            } else {
                try BackupFiles.rename(staging, to: data)
            }
            return summary
        }
    }

    // MARK: -

    /// Runs `body` with a new folder beside `target`, which is removed unless `body` moved it.
    private func staged(
        beside target: String,
        _ body: (String) throws(RagError) -> Summary
    ) throws(RagError) -> Summary {
        let staging = "\(target).partial-\(UUID().uuidString)"
        try BackupFiles.makeFolder(staging)
        defer { try? FileManager.default.removeItem(atPath: staging) }
        return try body(staging)
    }

    /// Puts a new data folder in the place of one that nobody uses, and returns where that one is now.
    private static func exchange(_ staging: String, with data: String) throws(RagError) -> String {
        let old = "\(data).replaced-\(UUID().uuidString.prefix(8))"
        do {
            try VectorStore.whileUnused(directory: data) {
                try BackupFiles.exchange(staging, data)
                try BackupFiles.rename(staging, to: old)
            }
        } catch let error as VectorStoreError {
            throw RagError(error)
        } catch let error as RagError {
            throw error
        } catch {
            throw RagError(.fault, "\(data) could not be replaced", cause: error)
        }
        return old
    }

    private static func check(
        _ file: BackupManifest.File,
        at path: String
    ) throws(RagError) {
        let digest = try BackupFiles.digest(path)
        guard digest.bytes == file.bytes, digest.sha256 == file.sha256 else {
            throw RagError(
                .fault,
                "\(file.name) is not the file that was backed up: \(digest.bytes) bytes with SHA-256 "
                    + "\(digest.sha256), not \(file.bytes) with \(file.sha256)"
            )
        }
    }

    private static func refuse(_ findings: [String], of what: String) throws(RagError) {
        guard let first = findings.first else { return }
        throw RagError(
            .fault,
            "\(what) does not verify: \(first)"
                + (findings.count > 1 ? " and \(findings.count - 1) more" : "")
        )
    }

    private func summary(_ manifest: BackupManifest, path: String) -> Summary {
        Summary(
            path: path,
            bytes: manifest.files.reduce(0) { $0 + $1.bytes },
            collections: manifest.collections.count,
            documents: manifest.collections.reduce(0) { $0 + $1.documents }
        )
    }
}
