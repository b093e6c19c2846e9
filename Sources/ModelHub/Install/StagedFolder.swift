internal import CPlatform
internal import Foundation

/// A model's folder while it is put together, on the same file system as the models folder and out of
/// its listing: `.pull/NAME` in it.
///
/// It survives an interrupted pull, so that the next one goes on. When everything is there and right,
/// the folder is renamed into place: a model is there whole or not at all.
struct StagedFolder {
    private let models: String
    private let name: String

    /// The folder in the models folder that holds all staged ones.
    ///
    /// Hidden, and without a `config.json` of its own, so that nobody takes it for a model.
    static let home = ".pull"

    /// The staged folder of a model, made on disk when it is missing.
    init(models: String, name: String) throws(HubError) {
        self.models = models
        self.name = name
        for folder in [files, origins] {
            try DiskError.wrap(folder) {
                try FileManager.default.createDirectory(
                    atPath: folder,
                    withIntermediateDirectories: true
                )
            }
        }
    }

    private var root: String { "\(models)/\(Self.home)/\(name)" }
    private var files: String { "\(root)/model" }
    private var origins: String { "\(root)/origin" }

    /// Where the model will be.
    private var target: String { "\(models)/\(name)" }

    /// The file that is locked while a model of this name is pulled.
    static func lockPath(models: String, name: String) -> String {
        "\(models)/\(home)/\(name).lock"
    }

    // MARK: - Files

    /// Opens a file to go on with it, or a new one.
    func open(_ file: RepositoryFile) throws(HubError) -> PartialFile {
        let path = "\(files)/\(file.path.text)"
        let origin = "\(origins)/\(file.path.text)"
        for path in [path, origin] {
            let folder = (path as NSString).deletingLastPathComponent
            try DiskError.wrap(folder) {
                try FileManager.default.createDirectory(
                    atPath: folder,
                    withIntermediateDirectories: true
                )
            }
        }
        return try PartialFile(file, path: path, originPath: origin)
    }

    /// Bytes of a file that an earlier pull left, whatever they belong to.
    func heldByteCount(of file: RepositoryFile) -> Int {
        let path = "\(files)/\(file.path.text)"
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return min((attributes?[.size] as? NSNumber)?.intValue ?? 0, file.byteCount)
    }

    /// The content of a file that was downloaded whole.
    func content(of file: RepositoryFile) throws(HubError) -> [UInt8] {
        let path = "\(files)/\(file.path.text)"
        return try DiskError.wrap(path) {
            [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        }
    }

    /// Removes what an earlier pull, of another revision or extent, left and this one does not want.
    func remove(allBut kept: [RepositoryFile]) throws(HubError) {
        let kept = Set(kept.map(\.path.text))
        for folder in [files, origins] {
            for path in FileManager.default.subpaths(atPath: folder) ?? [] {
                let isKept = kept.contains { $0 == path || $0.hasPrefix(path + "/") }
                if !isKept { try? FileManager.default.removeItem(atPath: "\(folder)/\(path)") }
            }
        }
        for folder in [files, origins] {
            let left = FileManager.default.subpaths(atPath: folder) ?? []
            let stranger = left.first { path in
                !kept.contains { $0 == path || $0.hasPrefix(path + "/") }
            }
            if let stranger {
                throw HubError(.io, "cannot remove \(folder)/\(stranger), which an old pull left")
            }
        }
    }

    // MARK: - Installation

    /// Puts the folder in its place, durably.
    ///
    /// A model that is there changes places with the new one in one step and is removed after that.
    ///
    /// - Parameters:
    ///   - note: written into the folder first.
    ///   - replacing: whether there may be a model in the way.
    /// - Throws: `conflict`, or `io`.
    func install(_ note: PullNote, replacing: Bool) throws(HubError) {
        try note.write(in: files)
        for folder in Set(
            note.files.keys.map { ("\(files)/\($0)" as NSString).deletingLastPathComponent }
        ) {
            try Self.flush(folder)
        }
        try Self.flush(files)
        if !Self.isThere(target) {
            try DiskError.wrap(target) {
                try FileManager.default.moveItem(atPath: files, toPath: target)
            }
        } else if replacing {
            try exchange()
        } else {
            throw HubError(.conflict, "\(target) has been made meanwhile; nothing was replaced")
        }
        try Self.flush(models)
        try DiskError.wrap(root) { try FileManager.default.removeItem(atPath: root) }
    }

    /// Whether something has that path, a link that leads nowhere included.
    static func isThere(_ path: String) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: path)) != nil
            || (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
    }

    /// Waits until the entries of a folder are on the disk.
    private static func flush(_ folder: String) throws(HubError) {
        try DiskError.wrap(folder) {
            guard let handle = FileHandle(forReadingAtPath: folder) else {
                throw CocoaError(.fileReadNoPermission)
            }
            try handle.synchronize()
            try handle.close()
        }
    }

    /// Swaps the staged folder and the one in its place.
    private func exchange() throws(HubError) {
        // SAFETY: both paths are NUL-terminated copies that live for the call, which keeps neither.
        let status = unsafe ragd_exchange_paths(files, target)
        guard status == 0 else {
            throw HubError(
                .io,
                "cannot put the model in the place of \(target) (error \(status)); move that folder "
                    + "away and pull again"
            )
        }
    }
}
