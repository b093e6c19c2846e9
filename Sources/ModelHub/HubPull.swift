internal import AsyncHTTPClient
internal import Foundation

/// Fetches one model from a hub into a models folder.
///
/// In order: the lock, the commit that the revision stands for, its listing, the files that name
/// others, the plan, the disk's room, every file with its hash, the note, the rename.
///
/// Thread safety: a value; two pulls of one model exclude each other by a lock on disk, across
/// processes too.
public struct HubPull: Sendable {
    /// What is wanted.
    public struct Request: Sendable {
        /// The repository and its revision.
        public var reference: RepositoryReference
        /// The models folder; made when it is missing.
        public var modelsDirectory: String
        /// The model's name, that is its folder's: the repository's last part when nil.
        public var name: String?
        /// Tokenizer and configuration without weights, for a model that another server computes.
        public var tokenizerOnly = false
        /// Whether a model of that name may be replaced.
        public var replace = false

        /// Asks for a whole model, which must not be there yet.
        public init(reference: RepositoryReference, modelsDirectory: String) {
            self.reference = reference
            self.modelsDirectory = modelsDirectory
        }
    }

    /// What came of it.
    public struct Outcome: Sendable {
        /// The model's folder.
        public let directory: String
        /// The commit that is in it.
        public let commit: String
        /// Files that came from the hub.
        public let fileCount: Int
        /// Bytes of all files.
        public let byteCount: Int
        /// Whether the folder was there already, with this commit; then nothing was fetched.
        public let wasThere: Bool
    }

    private let address: HubAddress
    private let token: HubToken?
    private let settings: HubSettings

    /// Makes a pull from the hub that `settings` name.
    ///
    /// - Throws: `invalidArgument` for an address or a token that cannot be one.
    public init(settings: HubSettings = HubSettings()) throws(HubError) {
        address = try HubAddress(settings.endpoint)
        token = try settings.token.map { text throws(HubError) in try HubToken(text) }
        self.settings = settings
    }

    /// Fetches a model.
    ///
    /// What had come when it fails or is killed is kept, and the next pull of the same name goes on
    /// from there.
    ///
    /// - Parameters:
    ///   - request: what is wanted.
    ///   - onEvent: told of progress and of waits, on the calling task.
    /// - Returns: where the model is, complete and on the disk.
    /// - Throws: `HubError`.
    public func run(
        _ request: Request,
        onEvent: (PullEvent) -> Void = { _ in }
    ) async throws(HubError) -> Outcome {
        let http = HubClient.makeHTTP(stallTimeout: settings.stallTimeout)
        let result: Result<Outcome, HubError>
        do throws(HubError) {
            let client = try HubClient(address: address, token: token, http: http)
            result = .success(try await run(request, client: client, onEvent: onEvent))
        } catch {
            result = .failure(error)
        }
        try? await http.shutdown()
        return try result.get()
    }

    private func run(
        _ request: Request,
        client: HubClient,
        onEvent: (PullEvent) -> Void
    ) async throws(HubError) -> Outcome {
        let target = try InstallTarget(request)
        let lock = try target.lock()
        defer { lock.release() }
        let pacing = Pacing(backoff: .hub, clock: settings.clock)
        let repository = try await HubListing(client: client, pacing: pacing)
            .repository(request.reference, onEvent: onEvent)
        if let note = try target.existing(commit: repository.commit) {
            return Outcome(
                directory: target.directory,
                commit: note.commit,
                fileCount: note.files.count,
                byteCount: note.files.values.reduce(0) { $0 + $1.bytes },
                wasThere: true
            )
        }

        let folder = try target.stage()
        let transfer = FileTransfer(client: client, repository: repository, pacing: pacing)
        let plan = try await plan(target, repository, folder, transfer, onEvent)
        var files: [String: PullNote.File] = [:]
        for file in plan.files {
            let sha256 = try await transfer.run(file, into: folder, onEvent: onEvent)
            files[file.path.text] = PullNote.File(bytes: file.byteCount, sha256: sha256)
        }
        let note = PullNote(
            hub: address.base.place,
            repository: request.reference.repository,
            revision: request.reference.revision,
            commit: repository.commit,
            extent: target.extent,
            files: files
        )
        try folder.install(note, replacing: request.replace)
        return Outcome(
            directory: target.directory,
            commit: repository.commit,
            fileCount: plan.files.count,
            byteCount: plan.byteCount,
            wasThere: false
        )
    }

    /// Chooses the files, and sees that there is room for them.
    private func plan(
        _ target: InstallTarget,
        _ repository: ModelRepository,
        _ folder: StagedFolder,
        _ transfer: FileTransfer,
        _ onEvent: (PullEvent) -> Void
    ) async throws(HubError) -> PullPlan {
        var guides: [String: [UInt8]] = [:]
        for file in try PullPlan.guides(of: repository, extent: target.extent) {
            // Silent: it is told of when its turn comes, and then it is there already.
            _ = try await transfer.run(file, into: folder) { event in
                if case .retrying = event { onEvent(event) }
            }
            guides[file.path.text] = try folder.content(of: file)
        }
        let plan = try PullPlan(repository: repository, extent: target.extent, guides: guides)
        try folder.remove(allBut: plan.files)
        let held = plan.files.reduce(0) { $0 + folder.heldByteCount(of: $1) }
        let fetched = guides.values.reduce(0) { $0 + $1.count }
        try DiskSpace.check(
            needed: plan.byteCount - held,
            free: settings.freeByteCount(target.modelsDirectory),
            folder: target.modelsDirectory
        )
        onEvent(
            .planned(
                fileCount: plan.files.count,
                byteCount: plan.byteCount,
                heldByteCount: held - fetched
            )
        )
        return plan
    }
}
