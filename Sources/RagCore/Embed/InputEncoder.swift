internal import Embedder

/// Turns the inputs of an embeddings request into what the encoder reads.
struct InputEncoder: Sendable {
    private let model: TextEmbedder
    private let prompt: String
    private let truncates: Bool

    /// - Throws: `invalid` when the prompt is named and the model has none of that name, `tooLarge`
    ///   when it is too long.
    init(_ model: TextEmbedder, for request: EmbedRequest) throws(RagError) {
        self.model = model
        truncates = request.truncate
        switch (request.prompt, request.role) {
        case (.text(let text), _):
            try Limits.check(prompt: text, param: "prompt")
            prompt = text
        case (.instruction(let task), _):
            try Limits.check(prompt: task, param: "instruction")
            prompt = Instruction.queryPrompt(task)
        case (.name(let name), _):
            let prompts = model.reading.promptsByName
            guard let text = prompts[name] else {
                throw RagError(
                    .invalid,
                    "'\(model.name)' has no prompt called '\(name.prefix(100))'; it has "
                        + prompts.keys.sorted().map { "'\($0)'" }.joined(separator: ", "),
                    param: "prompt_name"
                )
            }
            prompt = text
        case (nil, .query): prompt = model.queryPrompt
        case (nil, .document): prompt = model.documentPrompt
        case (nil, .none): prompt = model.reading.defaultPrompt
        }
    }

    /// Encodes one input.
    ///
    /// - Parameters:
    ///   - input: text, or ids of the model's vocabulary.
    ///   - param: the input's name in errors.
    /// - Returns: the text or the ids with the model's special tokens, no longer than its window.
    /// - Throws: `invalid` when the input is empty, holds an id that the model does not have, is too
    ///   long and must not be cut, or is ids and the model's server takes text.
    func encode(_ input: EmbedRequest.Input, param: String) throws(RagError) -> TokenizedText {
        switch input {
        case .text(let text):
            guard !text.isEmpty else {
                throw RagError(.invalid, "an input is an empty text", param: param)
            }
            let tokenized = try translating(param) { () throws(EmbedderError) in
                try TokenizedText(
                    prompt + text,
                    model.tokenizer,
                    tokensMax: truncates ? model.tokensMax : nil
                )
            }
            try checkLength(tokenized.count, param)
            return tokenized
        case .tokens(let ids):
            return TokenizedText(try encode(ids, param))
        }
    }

    /// Ids are taken as they are, without a prompt: whoever tokenised them chose what to send.
    private func encode(_ ids: [Int32], _ param: String) throws(RagError) -> Encoding {
        guard case .local = model.source else {
            throw RagError(
                .invalid,
                "'\(model.name)' is computed by another server, which is sent text; send text and not "
                    + "token ids",
                param: param
            )
        }
        guard !ids.isEmpty else {
            throw RagError(.invalid, "an input is an empty list of tokens", param: param)
        }
        let vocabularyCount = model.tokenizer.vocabularyCount
        for id in ids where id < 0 || Int(id) >= vocabularyCount {
            throw RagError(
                .invalid,
                "token id \(id) is not one of the \(vocabularyCount) of '\(model.name)'; ids must be "
                    + "of the model's own vocabulary: send text if they are of another's",
                param: param
            )
        }
        let room = model.tokensMax - model.tokenizer.specialTokenCount
        let kept = truncates ? ids.prefix(room) : ids[...]
        try checkLength(kept.count + model.tokenizer.specialTokenCount, param)
        return try template(param).replacingText(with: Array(kept))
    }

    private func checkLength(_ count: Int, _ param: String) throws(RagError) {
        guard count > model.tokensMax else { return }
        throw .contextLengthExceeded(
            "an input has \(count) tokens, more than the \(model.tokensMax) that '\(model.name)' "
                + "reads; shorten it, or allow it to be cut",
            param: param
        )
    }

    /// Some text with the model's special tokens around it.
    private func template(_ param: String) throws(RagError) -> Encoding {
        try translating(param) { () throws(EmbedderError) in
            try model.tokenizer.encode("a", tokensMax: nil)
        }
    }
}

extension Encoding {
    /// The same special tokens around other text tokens.
    fileprivate func replacingText(with ids: [Int32]) -> Encoding {
        // Only text tokens come from somewhere in the text.
        let first = offsets.firstIndex { !$0.isEmpty } ?? offsets.endIndex
        let last = offsets.lastIndex { !$0.isEmpty }.map { $0 + 1 } ?? first
        let typeID = first < last ? typeIDs[first] : 0
        return Encoding(
            ids: self.ids[..<first] + ids + self.ids[last...],
            typeIDs: typeIDs[..<first] + Array(repeating: typeID, count: ids.count)
                + typeIDs[last...],
            offsets: Array(repeating: 0..<0, count: first + ids.count + self.ids.count - last)
        )
    }
}
