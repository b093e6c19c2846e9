import Embedder

/// Qwen3's own tokenizer file, put together again from its merges.
enum Qwen3Fixture {
    private static let loaded = Result { try Tokenizer(json: try json()) }

    /// The tokenizer, read once for all tests.
    static func tokenizer() throws -> Tokenizer {
        try loaded.get()
    }

    /// The bytes of the file.
    static func json() throws -> [UInt8] {
        try TokenizationFixtures.json("qwen3.json", as: MergedTokenizerFile.self)
            .json(merges: try TokenizationFixtures.bytes("qwen3-merges.u24"))
    }
}
