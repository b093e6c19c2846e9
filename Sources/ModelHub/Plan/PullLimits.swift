/// How large a model's files may be: caps on what another machine can make this one store.
enum PullLimits {
    /// Settings: real ones have a few kilobytes, and the embedder reads no more than this.
    private static let settingsByteCountMax = 1 << 20
    /// `tokenizer.json`: XLM-RoBERTa's has 17 MB, those of 256k tokens 35 MB.
    private static let tokenizerByteCountMax = 128 << 20
    /// One file of weights: the hub serves no larger one in this way.
    private static let weightsByteCountMax = 50_000_000_000
    /// A whole model: eight times Qwen3's 8B.
    private static let modelByteCountMax = 128_000_000_000
    /// Files of one model; the embedder opens as many shards.
    private static let fileCountMax = 1_000

    /// - Throws: `damaged` naming the file and the cap.
    static func check(_ files: [RepositoryFile]) throws(HubError) {
        guard files.count <= fileCountMax else {
            throw HubError(
                .damaged,
                "the model has \(files.count) files; at most \(fileCountMax) are fetched"
            )
        }
        var sum = 0
        for file in files {
            try check(file)
            sum += file.byteCount
        }
        guard sum <= modelByteCountMax else {
            throw HubError(
                .damaged,
                "the model has \(sum) bytes; at most \(modelByteCountMax) are fetched"
            )
        }
    }

    /// - Throws: `damaged` naming the file and the cap.
    static func check(_ file: RepositoryFile) throws(HubError) {
        let limit =
            switch file.path.name {
            case "tokenizer.json": tokenizerByteCountMax
            case let name where name.hasSuffix(".safetensors"): weightsByteCountMax
            default: settingsByteCountMax
            }
        guard file.byteCount <= limit else {
            throw HubError(
                .damaged,
                "\(file.path) has \(file.byteCount) bytes; at most \(limit) are fetched"
            )
        }
    }
}
