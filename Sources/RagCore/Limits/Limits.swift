/// Every cap on what one request, or all requests together, may ask of the daemon.
///
/// A value past its cap is refused with a message that names the cap; nothing is clamped or cut.
/// Each default carries its reason. They are deliberately generous for an honest caller and small
/// enough that no single request can take the machine from the others.
public struct Limits: Sendable, Hashable {
    // MARK: - Collections

    /// Longest collection name in bytes: it is part of URLs, file listings and metric labels.
    public var collectionNameByteCountMax = 64

    /// Collections in one data directory: each holds an index in memory, even when empty.
    public var collectionsMax = 1_000

    // MARK: - Documents

    /// Documents in one ingest request: bounds the answer, and the duplicate check, of one request.
    public var documentsPerRequestMax = 1_000

    /// Longest text of one document in UTF-8 bytes.
    ///
    /// A document is written in one transaction, so all of its chunks' vectors and token codes are
    /// in memory at once: about 60 bytes a token, 60 MB for the million tokens of 4 MiB of English.
    public var textByteCountMax = 4 << 20

    /// Longest title in UTF-8 bytes: a title is embedded with each chunk, and is no place for text.
    public var titleByteCountMax = 2_048

    /// Longest source in UTF-8 bytes: the practical length of a URL or of a path.
    public var sourceByteCountMax = 4_096

    /// Longest document id in UTF-8 bytes: ids are index keys and URL segments.
    public var identifierByteCountMax = 512

    /// Most bytes of one document's metadata, keys and values together: it comes back with every
    /// hit.
    public var metadataByteCountMax = 64 << 10

    /// Deepest nesting of metadata, the document's own object counted as 1.
    public var metadataDepthMax = 8

    /// Most leaf values in one document's metadata: each is a row of the filter index.
    public var metadataValuesMax = 512

    /// Most documents on one page of a listing.
    public var pageLimitMax = 1_000

    /// Most ids in one delete request: the same bound as for writing them.
    public var deleteIdentifiersMax = 1_000

    // MARK: - Search

    /// Longest query in UTF-8 bytes.
    ///
    /// Far past any model's window, so that the caller learns the token limit from the tokenizer's
    /// count, yet short enough to tokenise in a millisecond.
    public var queryByteCountMax = 32 << 10

    /// Most hits in one answer.
    public var searchLimitMax = 1_000

    /// Deepest page: `offset + limit` hits have to be found and ranked for every page.
    public var searchWindowMax = 10_000

    /// Most candidates for a rerank: their token codes are read from disk, about 10 KB each.
    public var rerankCandidatesMax = 1_000

    /// Most candidates for diverse hits: each is compared with every hit that is chosen.
    public var diversityCandidatesMax = 1_000

    /// Largest constant of reciprocal ranks: past the deepest page all ranks would count alike.
    public var rankConstantMax = 10_000

    /// Largest weight of a ranking: only their ratio matters.
    public var fusionWeightMax: Float = 1_000

    /// Most neighbouring chunks joined to each side of a hit.
    public var contextMax = 10

    /// Widest beam of a graph search: beyond it an exact scan is cheaper.
    public var expansionMax = 4_096

    // MARK: - Rerank and embeddings of the caller's own texts

    /// Most passages in one rerank request, as at Cohere and Jina.
    public var rerankDocumentsMax = 1_000

    /// Most tokens that a reranker reads with each passage besides its own: the query and what is
    /// around it.
    ///
    /// Their keys and values are in memory while passages are scored: 0.11 MB a token for
    /// Qwen3-Reranker-0.6B, on each thread.
    public var rerankQueryTokensMax = 2_048

    /// Most tokens of a query with a passage, of which the end is cut: as in Qwen3-Reranker's README.
    public var rerankPairTokensMax = 8_192

    /// Most inputs in one embeddings request: OpenAI's own limit, on which its SDKs batch.
    public var embeddingInputsMax = 2_048

    /// Most tokens in one embeddings or rerank request: OpenAI's own limit.
    public var requestTokensMax = 300_000

    // MARK: - Scheduling

    /// Token budget of one batch.
    ///
    /// Matrix products are near their peak speed from a few hundred rows on. A query waits for the
    /// next pause of a batch of ingest, but for the end of a batch of queries before it.
    public var batchTokensMax = 512

    /// Tokens that may wait in the query class: a second of work, past which a searcher has left.
    public var queryQueueTokensMax = 16_384

    /// Tokens that may wait in the ingest class: twice the largest embeddings request, so that one
    /// client at OpenAI's limit does not shut out a second; about 15 MB of token ids.
    public var ingestQueueTokensMax = 600_000

    /// Seconds that what waits in a class may take, as measured, when a request comes.
    ///
    /// Past that its caller may have given up before its turn comes. A request is not held to its own
    /// time.
    public var queueSecondsMax = 120

    /// Recent query texts whose results are kept: the questions of an hour of a busy application.
    public var queryCacheEntriesMax = 4_096

    /// Bytes of all results that are kept: room for so many vectors of 768 dimensions, or for some
    /// hundreds with their token vectors.
    public var queryCacheByteCountMax = 16 << 20

    /// Tokens of one group of an ingest request that are embedded and then committed together:
    /// large enough to share a disk flush among dozens of documents, small enough that an
    /// interrupted request keeps most of its work.
    public var ingestGroupTokensMax = 32_768

    /// Every cap at its default.
    public init() {}
}
