import Embedder

extension VerifyReport {
    /// One JSON object; what a kind of model does not have is left out.
    struct Answer: Encodable {
        let name: String
        let kind: String
        let family: String
        let layers: Int
        let hiddenSize: Int
        let innerSize: Int
        let heads: Int
        let keyHeads: Int
        let headSize: Int
        let vocabulary: Int
        let output: [String]
        let tokenizer: [String]
        let tokensMax: Int
        let parameters: Int
        let bytes: Int
        let findings: [String]
        let sha256: [String: String]
        let precisions: [PrecisionRow]

        // Embedding models.
        var dimensions: Int?
        var prompts: [String: String]?
        var cosineRelated: Float?
        var cosineUnrelated: Float?

        // Rerankers.
        var instruction: String?
        var questions: Int?
        var answersFirst: Int?

        private enum CodingKeys: String, CodingKey {
            case name
            case kind
            case family
            case layers
            case hiddenSize = "hidden_size"
            case innerSize = "inner_size"
            case heads
            case keyHeads = "key_heads"
            case headSize = "head_size"
            case vocabulary
            case output
            case tokenizer
            case tokensMax = "max_tokens"
            case parameters
            case bytes
            case findings
            case sha256
            case precisions
            case dimensions
            case prompts
            case cosineRelated = "cosine_related"
            case cosineUnrelated = "cosine_unrelated"
            case instruction
            case questions
            case answersFirst = "answers_first"
        }
    }
}

extension VerifyReport.Answer {
    /// The answer for an embedding model.
    init(_ check: ModelCheck, _ sha256: [String: String]) {
        let model = check.model
        self.init(
            name: model.name,
            kind: .embedding,
            summary: model.summary,
            tokensMax: model.tokensMax,
            parameters: model.parameterCount,
            bytes: model.byteCount,
            findings: check.findings,
            sha256: sha256,
            precisions: check.precisions
        )
        dimensions = model.dimension
        prompts = model.reading.promptsByName
        cosineRelated = check.cosineRelated
        cosineUnrelated = check.cosineUnrelated
    }

    /// The answer for a reranker.
    init(_ check: RerankCheck, _ sha256: [String: String]) {
        let model = check.model
        self.init(
            name: model.name,
            kind: .reranker,
            summary: model.summary,
            tokensMax: model.tokensMax,
            parameters: model.parameterCount,
            bytes: model.byteCount,
            findings: check.findings,
            sha256: sha256,
            precisions: check.precisions
        )
        instruction = model.takesInstruction ? model.instruction : nil
        questions = RerankProbe.questions.count
        answersFirst = check.answersFirst
    }

    private init(
        name: String,
        kind: ModelKind,
        summary: ModelSummary,
        tokensMax: Int,
        parameters: Int,
        bytes: Int,
        findings: [String],
        sha256: [String: String],
        precisions: [PrecisionRow]
    ) {
        self.name = name
        self.kind = kind.rawValue
        family = summary.family
        layers = summary.layerCount
        hiddenSize = summary.hiddenSize
        innerSize = summary.innerSize
        heads = summary.headCount
        keyHeads = summary.keyHeadCount
        headSize = summary.headSize
        vocabulary = summary.vocabularyCount
        output = summary.output
        tokenizer = summary.tokenizerStages
        self.tokensMax = tokensMax
        self.parameters = parameters
        self.bytes = bytes
        self.findings = findings
        self.sha256 = sha256
        self.precisions = precisions
    }
}
