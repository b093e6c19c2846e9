internal import Embedder

/// Embeds a caller's own texts, as OpenAI's embeddings do: all or none, and nothing cut unasked.
struct EmbedService {
    private let engine: Engine

    init(_ engine: Engine) {
        self.engine = engine
    }

    func run(_ request: EmbedRequest) async throws(RagError) -> EmbedResponse {
        let limits = engine.limits
        guard !request.inputs.isEmpty else {
            throw RagError(.invalid, "there are no inputs", param: "input")
        }
        try Limits.check(
            request.inputs.count,
            atMost: limits.embeddingInputsMax,
            "inputs",
            param: "input"
        )
        let model = try engine.models.embedder(request.model)
        let modelDimension = try await model.dimension()
        let dimensions = request.dimensions ?? modelDimension
        try Limits.check(
            dimensions,
            in: model.dimensionMin...modelDimension,
            "dimensions of the model '\(model.name)'",
            param: "dimensions"
        )
        let texts = try await texts(of: request, model)
        let tokenCount = texts.reduce(0) { $0 + $1.count }
        let encoded = try await model.encode(
            texts,
            priority: limits.priority(tokenCount: tokenCount),
            on: engine.scheduler
        )
        var vectors: [[Float]] = []
        vectors.reserveCapacity(encoded.count)
        for text in encoded { vectors.append(try shortened(text.vector, to: dimensions)) }
        return EmbedResponse(vectors: vectors, tokens: tokenCount, model: model.name)
    }

    /// Tokenises the inputs, many of them on several threads.
    ///
    /// The first that is wrong, or past the request's tokens, is the one that is named, whichever
    /// thread comes upon one first.
    private func texts(
        of request: EmbedRequest,
        _ model: TextEmbedder
    ) async throws(RagError) -> [TokenizedText] {
        let start = ContinuousClock.now
        defer { engine.times.observe(.tokenise, start.duration(to: .now)) }
        let limits = engine.limits
        let encoder = try InputEncoder(model, for: request)
        let slices = await engine.ingestThreads.mapSlices(
            request.inputs.map(\.byteCount),
            weightMin: Tokenising.byteCountMin
        ) { range in
            Slice(range, of: request, encoder, limits)
        }
        var texts: [TokenizedText] = []
        var tokenCount = 0
        for slice in slices {
            for text in slice.texts {
                tokenCount += text.count
                try Self.check(tokenCount, limits)
            }
            if let error = slice.error { throw error }
            texts += slice.texts
        }
        return texts
    }

    fileprivate static func check(_ tokenCount: Int, _ limits: Limits) throws(RagError) {
        try Limits.check(
            tokenCount,
            atMost: limits.requestTokensMax,
            "tokens of all inputs",
            param: "input"
        )
    }
}

/// What is worth a thread of its own when texts are tokenised.
enum Tokenising {
    /// Bytes of text: a quarter of a millisecond, ten times what it costs to hand them over.
    static let byteCountMin = 16 << 10
}

/// Some inputs of a request as the encoder reads them, up to the first that is wrong.
private struct Slice: Sendable {
    private(set) var texts: [TokenizedText] = []
    private(set) var error: RagError?

    init(
        _ range: Range<Int>,
        of request: EmbedRequest,
        _ encoder: InputEncoder,
        _ limits: Limits
    ) {
        var tokenCount = 0
        do throws(RagError) {
            for index in range {
                // A request of one input has it under that name alone.
                let param = request.inputs.count == 1 ? "input" : "input[\(index)]"
                let input = request.inputs[index]
                try Limits.check(
                    input.byteCount,
                    atMost: limits.textByteCountMax,
                    "bytes",
                    param: param
                )
                texts.append(try encoder.encode(input, param: param))
                tokenCount += texts.last?.count ?? 0
                // So that no slice goes on for long when the whole is too much by far.
                guard tokenCount <= limits.requestTokensMax else { return }
            }
        } catch {
            self.error = error
        }
    }
}

extension EmbedRequest.Input {
    /// Bytes of the text, or of the ids.
    var byteCount: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .tokens(let ids): ids.count * MemoryLayout<Int32>.stride
        }
    }
}

extension Limits {
    /// What fits into one batch is answered like a query; more is bulk work, whoever asks for it,
    /// since it would make every query behind it wait for several steps.
    func priority(tokenCount: Int) -> BatchPriority {
        tokenCount <= batchTokensMax ? .query : .ingest
    }
}
