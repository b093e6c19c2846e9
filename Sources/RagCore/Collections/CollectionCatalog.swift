internal import Embedder
internal import VectorStore

/// Makes, lists and drops collections; runs on the service's read threads.
struct CollectionCatalog {
    private let engine: Engine

    init(_ engine: Engine) {
        self.engine = engine
    }

    func create(
        _ spec: CollectionSpec
    ) async throws(RagError) -> (collection: CollectionInfo, created: Bool) {
        try checkName(spec.name)
        var configuration = try await configuration(spec)
        let store = engine.store
        if let existing = try? store.collection(named: spec.name) {
            // Made under another name of the same model, before the operator renamed it.
            let model = existing.configuration.model
            if engine.models.id(model) == configuration.model { configuration.model = model }
            if spec.language == nil { configuration.language = existing.configuration.language }
        } else {
            try Limits.check(
                store.collections().count + 1,
                in: 1...engine.limits.collectionsMax,
                "collections",
                param: "name"
            )
        }
        let wanted = configuration
        let (collection, created) = try await translating { () async throws(VectorStoreError) in
            try await store.createCollection(wanted)
        }
        return (try info(of: collection), created)
    }

    func all() throws(RagError) -> [CollectionInfo] {
        let collections = engine.store.collections()
            .sorted { $0.configuration.name < $1.configuration.name }
        var infos: [CollectionInfo] = []
        for collection in collections { infos.append(try info(of: collection)) }
        return infos
    }

    func info(_ name: String) throws(RagError) -> CollectionInfo {
        try info(of: try engine.collection(name))
    }

    func reindex(
        _ name: String,
        _ spec: CollectionSpec.Index
    ) async throws(RagError) -> CollectionInfo {
        let collection = try engine.collection(name)
        let configuration = collection.configuration
        let parameters = try index(spec, over: configuration.pendingIndex ?? configuration.index)
        try await translating { () async throws(VectorStoreError) in
            try await collection.reindex(parameters)
        }
        return try info(of: collection)
    }

    func drop(_ name: String) async throws(RagError) {
        let store = engine.store
        try await translating { () async throws(VectorStoreError) in
            try await store.dropCollection(named: name)
        }
    }

    // MARK: - Specification to configuration

    private func configuration(
        _ spec: CollectionSpec
    ) async throws(RagError) -> CollectionConfiguration {
        let model = try engine.models.embedder(spec.model)
        let modelDimension = try await model.dimension()
        let dimension = spec.dimensions ?? modelDimension
        try Limits.check(
            dimension,
            in: model.dimensionMin...modelDimension,
            "dimensions of the model '\(model.name)'",
            param: "dimensions"
        )
        let queryPrompt = try Prompts.query(spec.queryPrompt, instruction: spec.instruction)
        try Limits.check(prompt: spec.documentPrompt, param: "document_prompt")
        let documentPrompt = spec.documentPrompt ?? model.documentPrompt
        guard model.hasTokenVectors || spec.lateInteraction != .signCodes else {
            throw RagError(
                .invalid,
                "'\(model.name)' is computed by another server, which gives no token codes to keep; "
                    + "leave late_interaction out, and name a reranker to rank hits again",
                param: "late_interaction"
            )
        }
        return CollectionConfiguration(
            name: spec.name,
            model: model.name,
            dimension: dimension,
            metric: spec.metric ?? .cosine,
            chunking: try chunking(
                spec.chunking,
                window: try translating("document_prompt") { () throws(EmbedderError) in
                    try ChunkWindow(model, prompt: documentPrompt)
                }
            ),
            index: try index(spec.index, over: .standard),
            lateInteraction: spec.lateInteraction == CollectionSpec.LateInteraction.none
                || !model.hasTokenVectors ? .none : .signCodes,
            queryPrompt: queryPrompt,
            documentPrompt: spec.documentPrompt,
            modelDocumentPrompt: spec.documentPrompt == nil ? model.documentPrompt : nil,
            language: spec.language ?? .english
        )
    }

    private func chunking(
        _ spec: CollectionSpec.Chunking?,
        window: ChunkWindow
    ) throws(RagError) -> CollectionConfiguration.Chunking {
        let tokensMax = spec?.tokensMax ?? window.tokensMax
        try Limits.check(
            tokensMax,
            in: ChunkWindow.tokensMin...max(ChunkWindow.tokensMin, window.tokensMax),
            "tokens of a chunk, which must fit the model's window",
            param: "chunking.max_tokens"
        )
        let overlap = spec?.overlapTokens ?? tokensMax / ChunkWindow.overlapDivisor
        try Limits.check(
            overlap,
            in: 0...tokensMax / 2,
            "overlap of chunks, at most half a chunk",
            param: "chunking.overlap_tokens"
        )
        return CollectionConfiguration.Chunking(maxTokens: tokensMax, overlapTokens: overlap)
    }

    /// What is asked for, and otherwise what is in `present`.
    private func index(
        _ spec: CollectionSpec.Index?,
        over present: HNSWParameters
    ) throws(RagError) -> HNSWParameters {
        try translating { () throws(VectorStoreError) in
            try HNSWParameters(
                connectivity: spec?.connectivity ?? present.connectivity,
                efConstruction: spec?.expansionConstruction ?? present.efConstruction,
                seed: present.seed,
                quantization: spec?.quantization ?? present.quantization,
                vectors: spec?.vectors ?? present.vectors
            )
        }
    }

    private func checkName(_ name: String) throws(RagError) {
        try Limits.check(
            name.utf8.count,
            in: 1...engine.limits.collectionNameByteCountMax,
            "bytes of the collection's name",
            param: "name"
        )
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isPlain, let first = name.utf8.first, first != UInt8(ascii: "."),
            first != UInt8(ascii: "-")
        else {
            throw RagError(
                .invalid,
                "'\(name)' cannot name a collection: only letters, digits, '-', '_' and '.', and "
                    + "neither '-' nor '.' first",
                param: "name"
            )
        }
    }

    // MARK: - Stored to reported

    private func info(of collection: Collection) throws(RagError) -> CollectionInfo {
        let statistics = try translating { () throws(VectorStoreError) in
            try collection.statistics()
        }
        let configuration = collection.configuration
        return CollectionInfo(
            name: configuration.name,
            model: configuration.model,
            dimensions: configuration.dimension,
            metric: configuration.metric,
            chunkTokensMax: configuration.chunking.maxTokens,
            chunkOverlapTokens: configuration.chunking.overlapTokens,
            index: configuration.index,
            pendingIndex: configuration.pendingIndex,
            reindexProgress: collection.reindexProgress,
            lateInteraction: configuration.lateInteraction == .none ? .none : .signCodes,
            queryPrompt: configuration.queryPrompt,
            documentPrompt: configuration.documentPrompt,
            language: configuration.textLanguage,
            documents: statistics.documentCount,
            chunks: statistics.chunkCount,
            bytes: CollectionInfo.Bytes(
                text: statistics.textByteCount,
                vectors: statistics.vectorByteCount,
                tokenCodes: statistics.tokenCodeByteCount
            ),
            memory: CollectionInfo.Memory(
                index: statistics.index,
                words: statistics.textIndexByteCount,
                metadata: statistics.metadataByteCount
            ),
            indexState: statistics.indexState.rawValue,
            position: statistics.position
        )
    }
}
