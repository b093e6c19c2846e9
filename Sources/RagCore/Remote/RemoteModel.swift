internal import Logging

/// A model of another server: its texts scheduled, its dimension held to, its state known.
///
/// The daemon starts whether the server is there or not. It is asked when it is needed, so that one
/// that comes back is used again by itself; until then requests fail with `unavailable`.
///
/// Thread safety: immutable; each part guards itself.
final class RemoteModel: Sendable {
    /// The entry's id.
    let name: String

    private let entry: ModelEntry
    private let knowledge: RemoteKnowledge
    private let service: any RemoteService
    private let scheduler: RemoteScheduler

    /// Text that is embedded to learn the dimension, or scored to learn whether anybody is there.
    private static let probe = "a"

    /// Makes ready to ask a server; nothing is sent.
    ///
    /// - Throws: `invalid` when nothing here can ask servers, or the key for this one cannot be found.
    init(
        _ entry: ModelEntry,
        _ endpoint: RemoteEndpoint,
        _ surroundings: RemoteSurroundings
    ) throws(RagError) {
        guard let connector = surroundings.connector else {
            throw RagError(
                .invalid,
                "model '\(entry.id)' is another server's, and nothing here can ask one",
                param: "model"
            )
        }
        name = entry.id
        self.entry = entry
        let knowledge = RemoteKnowledge(dimension: entry.dimensions)
        self.knowledge = knowledge
        let observer = RemoteObserver(
            entry.id,
            at: endpoint.url,
            surroundings.metrics,
            surroundings.logger
        )
        let service = try connector.connect(to: endpoint, named: entry.id) { event in
            observer.note(event)
            if case .attempt(_, let ending) = event { knowledge.note(ending) }
        }
        self.service = service
        scheduler = RemoteScheduler(
            RemoteQueue(entry, endpoint, surroundings.limits),
            threads: surroundings.threads
        ) { lane, texts async throws(RagError) in
            switch lane {
            case .texts:
                let vectors = try await service.embed(texts, dimension: knowledge.dimension)
                try knowledge.learn(vectors, from: entry.id)
                return vectors
            case .passages(let query):
                return try await service.score(texts, for: query).map { [$0] }
            }
        }
        observer.exportQueue(of: scheduler, surroundings.metrics)
    }

    /// Elements of a vector, when they are known.
    var knownDimension: Int? { knowledge.dimension }

    /// Whether the last attempt to ask the server succeeded; nil before the first.
    var isReachable: Bool? { knowledge.isReachable }

    /// Most tokens of a text.
    var tokensMax: Int? { entry.tokensMax }

    /// Elements of a vector; the server is asked when they are not known.
    func dimension() async throws(RagError) -> Int {
        if let knownDimension { return knownDimension }
        return try await values([RemoteQueue.Text(Self.probe, tokenCount: 1)], .texts, .query)[0]
            .count
    }

    /// Asks the server for something small: whether it is there, and is what the entry says.
    func check() async throws(RagError) {
        let text = RemoteQueue.Text(Self.probe, tokenCount: 1)
        let lane: RemoteQueue.Lane =
            entry.kind == .reranker ? .passages(query: Self.probe) : .texts
        _ = try await values([text], lane, .query)
    }

    /// Embeds texts.
    ///
    /// - Returns: one vector a text, in order.
    /// - Throws: as `RemoteScheduler.values` and `RemoteService`.
    func embed(
        _ texts: [TokenizedText],
        priority: BatchPriority
    ) async throws(RagError) -> [[Float]] {
        let texts = texts.map { text in
            guard let characters = text.text else {
                preconditionFailure("a server is sent text, and has been given ids")
            }
            return RemoteQueue.Text(characters, tokenCount: text.count)
        }
        return try await values(texts, .texts, priority)
    }

    /// Scores passages.
    ///
    /// - Parameters:
    ///   - passages: each with its tokens, which may be estimated.
    ///   - query: the query.
    ///   - priority: the class to wait in.
    /// - Returns: one score a passage, in order.
    /// - Throws: as `embed`.
    func score(
        _ passages: [RemoteQueue.Text],
        for query: String,
        priority: BatchPriority
    ) async throws(RagError) -> [Float] {
        try await values(passages, .passages(query: query), priority).map { $0[0] }
    }

    private func values(
        _ texts: [RemoteQueue.Text],
        _ lane: RemoteQueue.Lane,
        _ priority: BatchPriority
    ) async throws(RagError) -> [[Float]] {
        try await scheduler.values(of: texts, lane: lane, priority: priority)
    }

    /// Asks no more, and closes all connections.
    func stop() async {
        await scheduler.stop()
        await service.close()
    }
}

/// What every remote model is made with.
struct RemoteSurroundings: Sendable {
    let connector: (any RemoteConnector)?
    let limits: Limits
    let metrics: Metrics
    let logger: Logger
    /// Where the answers of a class are read.
    let threads: @Sendable (BatchPriority) -> ThreadPoolExecutor
}

extension RemoteQueue {
    /// The queue of an entry, bounded as the queues for the threads are.
    fileprivate init(_ entry: ModelEntry, _ endpoint: RemoteEndpoint, _ limits: Limits) {
        let bounds = BatchBounds(
            batchTokensMax: endpoint.batchTokensMax,
            // The longest query is taken by an empty queue, whatever the model reads.
            queryTokensMax: max(limits.queryQueueTokensMax, entry.tokensMax ?? 0),
            ingestTokensMax: limits.ingestQueueTokensMax,
            waitSecondsMax: Double(limits.queueSecondsMax),
            batchTextsMax: endpoint.batchTextsMax
        )
        self.init(
            bounds: bounds,
            requestsMax: endpoint.requestsMax,
            cacheEntriesMax: limits.queryCacheEntriesMax,
            cacheByteCountMax: limits.queryCacheByteCountMax
        )
    }
}
