/// How many tokens of a text a model reads.
enum TokenLimit {
    /// The limit that a transformer's folder states, special tokens included.
    ///
    /// `sentence_bert_config.json` has the first word, as in sentence-transformers; without it the
    /// tokenizer's `model_max_length` counts. The positions that the model has bound both.
    static func read(from folder: ModelFolder, positionCount: Int) throws(EmbedderError) -> Int {
        let name = "sentence_bert_config.json"
        let file = try folder.decodeIfPresent(SentenceFile.self, from: name)
        guard file?.lowercases != true else {
            throw EmbedderError(.unsupportedModel, "\(folder.path(of: name)): do_lower_case true")
        }
        if let limit = file?.tokensMax {
            guard limit >= 1, limit <= positionCount else {
                throw EmbedderError(
                    .invalidModel,
                    "\(folder.path(of: name)): max_seq_length \(limit), not 1 to \(positionCount)"
                )
            }
            return limit
        }
        let tokenizer = try folder.decodeIfPresent(
            TokenizerLimitFile.self,
            from: "tokenizer_config.json"
        )
        // "No limit" is written as a huge number.
        guard let limit = tokenizer?.tokensMax, limit < Double(positionCount) else {
            return positionCount
        }
        guard limit >= 1 else {
            throw EmbedderError(
                .invalidModel,
                "\(folder.path(of: "tokenizer_config.json")): model_max_length \(limit)"
            )
        }
        return Int(limit)
    }
}

private struct SentenceFile: Decodable {
    let tokensMax: Int?
    let lowercases: Bool?

    enum CodingKeys: String, CodingKey {
        case tokensMax = "max_seq_length"
        case lowercases = "do_lower_case"
    }
}

private struct TokenizerLimitFile: Decodable {
    let tokensMax: Double?

    enum CodingKeys: String, CodingKey {
        case tokensMax = "model_max_length"
    }
}
