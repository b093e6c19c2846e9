public import Foundation

/// What a `RagService` is started with.
public struct RagConfiguration: Sendable, Hashable {
    /// The folder that holds the database; made when it does not exist.
    public var dataDirectory: String

    /// The folder whose subfolders with a `config.json` are models, each named as its folder unless
    /// an entry names it.
    public var modelsDirectory: String

    /// What is said of single models.
    public var models: [ModelEntry]

    /// The model for requests and collections that name none; loaded at start.
    public var defaultModel: String

    /// The numbers that models multiply in.
    public var precisions: ModelPrecisions

    /// Inference threads, at least 1.
    ///
    /// Each runs its own batch on its own core; more than there are cores only adds memory.
    public var threads: Int

    /// How much memory indexes and page caches may take, in bytes; `nil` for no limit.
    public var memoryByteCountMax: Int?

    /// Every cap.
    public var limits: Limits

    /// Makes a configuration; whatever is not given has the default of `ragd serve`.
    public init(
        dataDirectory: String = "./ragd-data",
        modelsDirectory: String = "./models",
        models: [ModelEntry] = [],
        defaultModel: String = "all-MiniLM-L6-v2",
        precisions: ModelPrecisions = ModelPrecisions(),
        threads: Int = ProcessInfo.processInfo.activeProcessorCount,
        memoryByteCountMax: Int? = nil,
        limits: Limits = Limits()
    ) {
        self.dataDirectory = dataDirectory
        self.modelsDirectory = modelsDirectory
        self.models = models
        self.defaultModel = defaultModel
        self.precisions = precisions
        self.threads = threads
        self.memoryByteCountMax = memoryByteCountMax
        self.limits = limits
    }
}
