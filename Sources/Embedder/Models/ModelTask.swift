/// What `config.json` says of a model's task: its class, its labels and what becomes of their scores.
struct ModelTask {
    /// What turns a reranker's last number into its score.
    enum Activation: String {
        case sigmoid = "Sigmoid"
        case identity = "Identity"
    }

    /// The class that a decoder of the Qwen3 family is saved as.
    static let languageModel = "Qwen3ForCausalLM"

    /// The model's class in transformers; nil when the file has none.
    let architecture: String?
    /// Scores that a classifier gives a text.
    let labelCount: Int
    /// Whether a language model's output matrix is its table of embeddings.
    let tiesEmbeddings: Bool

    private let activationName: String?

    /// Whether the model gives scores to texts.
    var isClassifier: Bool { architecture?.hasSuffix("ForSequenceClassification") ?? false }

    /// Reads a model's `config.json`.
    init(folder: ModelFolder) throws(EmbedderError) {
        let file = try folder.decode(TaskFile.self, from: "config.json")
        architecture = file.architectures?.first
        // What transformers has for a classifier that says nothing.
        labelCount = file.labelCount ?? file.labels?.count ?? 2
        tiesEmbeddings = file.tiesEmbeddings ?? false
        activationName =
            file.sentenceTransformers?.activation ?? file.activation ?? file.olderActivation
    }

    /// What becomes of a classifier's score: a sigmoid unless the file says otherwise.
    ///
    /// - Throws: `EmbedderError` with code `unsupportedModel` for a function that is not computed here.
    func activation() throws(EmbedderError) -> Activation {
        guard let name = activationName else { return .sigmoid }
        let last = name.split(separator: ".").last.map(String.init) ?? ""
        guard name.hasPrefix("torch.nn."), let activation = Activation(rawValue: last) else {
            throw EmbedderError(
                .unsupportedModel,
                "config.json: activation_fn \"\(name)\"; supported are Sigmoid and Identity of torch.nn"
            )
        }
        return activation
    }
}

private struct TaskFile: Decodable {
    let architectures: [String]?
    let labelCount: Int?
    let labels: [String: String]?
    let tiesEmbeddings: Bool?
    let sentenceTransformers: CrossEncoder?
    /// Where older versions of sentence-transformers wrote it.
    let activation: String?
    let olderActivation: String?

    struct CrossEncoder: Decodable {
        let activation: String?

        enum CodingKeys: String, CodingKey {
            case activation = "activation_fn"
        }
    }

    enum CodingKeys: String, CodingKey {
        case architectures
        case labelCount = "num_labels"
        case labels = "id2label"
        case tiesEmbeddings = "tie_word_embeddings"
        case sentenceTransformers = "sentence_transformers"
        case activation = "activation_fn"
        case olderActivation = "sbert_ce_default_activation_function"
    }
}
