internal import Foundation

/// The place of a model in the models folder, and what is there now.
struct InstallTarget {
    /// The models folder.
    let modelsDirectory: String
    /// How much of the model is wanted.
    let extent: PullPlan.Extent

    private let name: String
    private let repository: String
    private let replace: Bool

    /// Chooses the place of a request.
    ///
    /// - Throws: `invalidArgument` when the name cannot be a model's.
    init(_ request: HubPull.Request) throws(HubError) {
        name = request.name ?? request.reference.name
        modelsDirectory = request.modelsDirectory
        extent = request.tokenizerOnly ? .tokenizer : .whole
        repository = request.reference.repository
        replace = request.replace
        guard FileName.isPlain(name) else {
            throw HubError(
                .invalidArgument,
                "'\(Printable(name))' cannot be a model's name; expected letters, digits, '.', '_' "
                    + "and '-', and first a letter, a digit or '_'"
            )
        }
    }

    /// The model's folder.
    var directory: String { "\(modelsDirectory)/\(name)" }

    /// Takes the right to pull this model, and makes the models folder when it is missing.
    func lock() throws(HubError) -> PullLock {
        let home = "\(modelsDirectory)/\(StagedFolder.home)"
        try DiskError.wrap(home) {
            try FileManager.default.createDirectory(
                atPath: home,
                withIntermediateDirectories: true
            )
        }
        return try PullLock(
            path: StagedFolder.lockPath(models: modelsDirectory, name: name),
            name: name
        )
    }

    /// The folder in which the model is put together.
    func stage() throws(HubError) -> StagedFolder {
        try StagedFolder(models: modelsDirectory, name: name)
    }

    /// The note of the model that is there, when it is the one that is wanted.
    ///
    /// - Returns: nil when the place is free, or may be taken.
    /// - Throws: `conflict` when there is another model, or one that is no longer whole.
    func existing(commit: String) throws(HubError) -> PullNote? {
        guard StagedFolder.isThere(directory), !replace else { return nil }
        guard let note = PullNote.read(in: directory) else {
            throw conflict("is there, and was not pulled")
        }
        guard note.repository == repository, note.commit == commit else {
            throw conflict("holds \(note.repository) at \(note.commit)")
        }
        guard note.extent == extent else {
            throw conflict("was pulled with another choice of files (\(note.extent.rawValue))")
        }
        if let missing = note.firstMissing(in: directory) {
            throw conflict("is no longer as it was pulled: \(missing) is missing or cut")
        }
        return note
    }

    private func conflict(_ state: String) -> HubError {
        HubError(
            .conflict,
            "\(directory) \(state); replace it with --force, or pull under another name with --name"
        )
    }
}
