internal import StrictJSON

/// Which files of a repository a model needs, and nothing else.
///
/// Names are taken from a fixed list, from `modules.json` (folders of modules) and from
/// `model.safetensors.index.json` (shards). What is not named is not fetched: no pickle, which can
/// run code when it is read, no source code, no other formats of the same weights.
///
/// Pure: made from a listing and from the two files that name others.
package struct PullPlan: Sendable {
    /// How much of a model is wanted.
    package enum Extent: String, Sendable, Codable {
        /// All that computing with it takes.
        case whole
        /// Tokenizer and configuration only, for a model that another server computes.
        case tokenizer
    }

    /// What is fetched: settings first, then weights, each by path.
    package let files: [RepositoryFile]

    /// Bytes of all files.
    package var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

    static let moduleList = "modules.json"
    static let weights = "model.safetensors"
    static let shardIndex = "model.safetensors.index.json"

    /// Without these there is no model.
    private static let required = ["config.json", "tokenizer.json"]
    private static let optional = [
        "tokenizer_config.json", moduleList, "sentence_bert_config.json",
        "config_sentence_transformers.json",
    ]

    /// The files that name others, which are therefore fetched first.
    ///
    /// - Throws: `unsupported` when the repository has no model that ragd would read, `damaged` when
    ///   one of them is too large.
    package static func guides(
        of repository: ModelRepository,
        extent: Extent
    ) throws(HubError) -> [RepositoryFile] {
        var names = [moduleList]
        if extent == .whole {
            try requireWeights(in: repository)
            if repository.file(weights) == nil { names.append(shardIndex) }
        }
        let files = names.compactMap { repository.file($0) }
        for file in files { try PullLimits.check(file) }
        return files
    }

    /// Chooses.
    ///
    /// - Parameters:
    ///   - repository: the complete listing.
    ///   - extent: how much is wanted.
    ///   - guides: the content of what `guides(of:extent:)` gave, by path.
    /// - Throws: `unsupported` naming what is missing or not safetensors; `damaged` when a file names
    ///   a path that it must not, names a file that is not there, or a cap is passed.
    package init(
        repository: ModelRepository,
        extent: Extent,
        guides: [String: [UInt8]]
    ) throws(HubError) {
        for name in Self.required where repository.file(name) == nil {
            throw HubError(
                .unsupported,
                "\(repository.reference.repository) has no \(name); ragd reads models that have "
                    + "config.json, tokenizer.json and safetensors"
            )
        }
        var names = Self.required + Self.optional
        var weights: [String] = []
        for folder in try Self.moduleFolders(in: guides[Self.moduleList]) {
            names.append("\(folder)/config.json")
            weights.append("\(folder)/\(Self.weights)")
            try Self.refusePickle(in: folder, of: repository)
        }
        if extent == .whole, repository.file(Self.weights) != nil {
            weights.append(Self.weights)
        } else if extent == .whole {
            names.append(Self.shardIndex)
            weights += try Self.shards(in: guides[Self.shardIndex], of: repository)
        }
        if extent == .tokenizer { weights = [] }
        files = (names.sorted() + weights.sorted()).compactMap { repository.file($0) }
        try PullLimits.check(files)
    }

    // MARK: - Modules

    /// The folders of `modules.json` other than the model's own.
    private static func moduleFolders(in bytes: [UInt8]?) throws(HubError) -> [String] {
        guard let bytes else { return [] }
        guard let entries = try HubDocument.read(bytes, as: moduleList).elements else {
            throw HubError(.damaged, "\(moduleList) of the hub is not a list")
        }
        var folders: Set<String> = []
        for entry in entries {
            guard let folder = entry["path"]?.text else {
                throw HubError(.damaged, "\(moduleList) of the hub has a module without path")
            }
            if folder.isEmpty { continue }
            guard try RepositoryPath(folder).isPlain else {
                throw HubError(
                    .damaged,
                    "\(moduleList) of the hub names the folder '\(Printable(folder))'; expected "
                        + "letters, digits, '.', '_' and '-'"
                )
            }
            folders.insert(folder)
        }
        return folders.sorted()
    }

    /// A module whose weights are a pickle only cannot be computed; without weights it needs none.
    private static func refusePickle(
        in folder: String,
        of repository: ModelRepository
    ) throws(HubError) {
        let pickle = "\(folder)/pytorch_model.bin"
        guard repository.file(pickle) != nil, repository.file("\(folder)/\(weights)") == nil else {
            return
        }
        throw pickleError(repository, example: pickle)
    }

    // MARK: - Weights

    private static func requireWeights(in repository: ModelRepository) throws(HubError) {
        if repository.file(weights) != nil || repository.file(shardIndex) != nil { return }
        let pickleEndings = [".bin", ".pt", ".pth", ".ckpt", ".pkl", ".h5", ".msgpack"]
        let other = repository.paths.first { path in pickleEndings.contains(where: path.hasSuffix) }
        if let other { throw pickleError(repository, example: other) }
        throw HubError(
            .unsupported,
            "\(repository.reference.repository) has no \(weights); ragd reads safetensors only, so "
                + "look for the repository that the model was first published in"
        )
    }

    private static func pickleError(_ repository: ModelRepository, example: String) -> HubError {
        HubError(
            .unsupported,
            "\(repository.reference.repository) has no safetensors for \(Printable(example)), and "
                + "that form is never fetched, since reading it can run code; look for a revision "
                + "with safetensors, or convert it where you trust it"
        )
    }

    /// The files that the index names.
    private static func shards(
        in bytes: [UInt8]?,
        of repository: ModelRepository
    ) throws(HubError) -> [String] {
        guard let bytes,
            let map = try HubDocument.read(bytes, as: shardIndex)["weight_map"]?.members
        else {
            throw HubError(.damaged, "\(shardIndex) of the hub has no weight_map")
        }
        var shards: Set<String> = []
        for member in map {
            guard let shard = member.value.text, FileName.isPlain(shard),
                shard.hasSuffix(".safetensors")
            else {
                throw HubError(
                    .damaged,
                    "\(shardIndex) of the hub names '\(Printable(member.value.text ?? ""))'; "
                        + "expected files beside it that end in .safetensors"
                )
            }
            shards.insert(shard)
        }
        guard !shards.isEmpty else {
            throw HubError(.damaged, "\(shardIndex) of the hub names no file")
        }
        for shard in shards.sorted() where repository.file(shard) == nil {
            throw HubError(
                .damaged,
                "\(shardIndex) of the hub names \(shard), which the repository does not have"
            )
        }
        return shards.sorted()
    }
}
