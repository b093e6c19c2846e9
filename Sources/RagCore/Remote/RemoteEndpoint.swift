/// Where a model is that another server computes, and how that server is asked.
///
/// Only the operator says this, in the configuration: nothing in a request can name an address.
public struct RemoteEndpoint: Sendable, Hashable {
    /// Whose requests and answers the server knows.
    public enum API: String, Sendable, Hashable, CaseIterable {
        /// OpenAI's `/embeddings`, and `/rerank` as Cohere and Jina have it: vLLM, SGLang, llama.cpp,
        /// text-embeddings-inference (embeddings), ragd.
        case openai
        /// The `/rerank` of text-embeddings-inference, which has `texts` for `documents`.
        case tei
    }

    /// How the server is asked to write vectors; it may answer in either way.
    public enum VectorFormat: String, Sendable, Hashable, CaseIterable {
        /// The bytes of f32: a quarter of the size, and no digits to read.
        case base64
        /// Numbers.
        case float
    }

    /// Where the key for the server is found; never the key itself.
    public enum KeySource: Sendable, Hashable {
        /// An environment variable of this name.
        case environment(String)
        /// A file of this path.
        case file(String)
    }

    /// The address that `embeddings` or `rerank` is put behind, as OpenAI's SDKs take it.
    ///
    /// Without a path, `/v1` is meant for `openai`.
    public var url: String

    /// Whose requests and answers the server knows.
    public var api: API

    /// What the server calls the model; nil is the entry's id.
    public var model: String?

    /// Where the key is found; nil when the server wants none.
    public var key: KeySource?

    /// How the server is asked to write vectors.
    public var vectorFormat: VectorFormat

    /// Most texts in one request: text-embeddings-inference refuses more than 32 as it comes.
    public var batchTextsMax: Int

    /// Most tokens in one request, but for a single text that has more: what
    /// text-embeddings-inference computes together as it comes.
    public var batchTokensMax: Int

    /// Most requests in flight; of them one is kept for queries and one for bulk work.
    public var requestsMax: Int

    /// Seconds in which a connection has to be made.
    public var connectSecondsMax: Int

    /// Seconds in which an attempt has to be answered in full.
    public var answerSecondsMax: Int

    /// Times that a request is made before it fails.
    public var attemptsMax: Int

    /// Makes an endpoint; whatever is not given has its default.
    public init(
        url: String,
        api: API = .openai,
        model: String? = nil,
        key: KeySource? = nil,
        vectorFormat: VectorFormat = .base64,
        batchTextsMax: Int = 32,
        batchTokensMax: Int = 16_384,
        requestsMax: Int = 4,
        connectSecondsMax: Int = 5,
        answerSecondsMax: Int = 60,
        attemptsMax: Int = 4
    ) {
        self.url = url
        self.api = api
        self.model = model
        self.key = key
        self.vectorFormat = vectorFormat
        self.batchTextsMax = batchTextsMax
        self.batchTokensMax = batchTokensMax
        self.requestsMax = requestsMax
        self.connectSecondsMax = connectSecondsMax
        self.answerSecondsMax = answerSecondsMax
        self.attemptsMax = attemptsMax
    }
}
