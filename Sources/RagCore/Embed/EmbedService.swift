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
        let model = try engine.models.model(request.model)
        let dimensions = request.dimensions ?? model.dimension
        try Limits.check(
            dimensions,
            in: 1...model.dimension,
            "dimensions of the model '\(model.name)'",
            param: "dimensions"
        )
        let encodings = try encodings(of: request, model)
        let tokenCount = encodings.reduce(0) { $0 + $1.count }
        let encoded = try await engine.scheduler.encode(
            encodings,
            with: model,
            output: .none,
            priority: limits.priority(tokenCount: tokenCount)
        )
        var vectors: [[Float]] = []
        vectors.reserveCapacity(encoded.count)
        for text in encoded { vectors.append(try shortened(text.vector, to: dimensions)) }
        return EmbedResponse(vectors: vectors, tokens: tokenCount, model: model.name)
    }

    /// Tokenises the inputs, and stops at the first that is wrong or past the request's tokens.
    private func encodings(
        of request: EmbedRequest,
        _ model: EmbeddingModel
    ) throws(RagError) -> [Encoding] {
        let start = ContinuousClock.now
        defer { engine.times.observe(.tokenise, start.duration(to: .now)) }
        let inputs = InputEncoder(model, role: request.role, truncates: request.truncate)
        var encodings: [Encoding] = []
        var tokenCount = 0
        for (index, input) in request.inputs.enumerated() {
            // A request of one input has it under that name alone.
            let param = request.inputs.count == 1 ? "input" : "input[\(index)]"
            try Limits.check(
                input.byteCount,
                atMost: engine.limits.textByteCountMax,
                "bytes",
                param: param
            )
            let encoding = try inputs.encode(input, param: param)
            tokenCount += encoding.count
            try Limits.check(
                tokenCount,
                atMost: engine.limits.requestTokensMax,
                "tokens of all inputs",
                param: "input"
            )
            encodings.append(encoding)
        }
        return encodings
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
