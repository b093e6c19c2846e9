import Foundation

/// Turns texts into the token ids of a model, exactly as Hugging Face's `tokenizers` library does.
///
/// A text passes five stages, each a file of its own: added tokens are cut out (`AddedVocabulary`), the
/// rest is normalised (`TextNormalizer`), split into words (`WordSplitter`), and each word into tokens
/// (`TokenModel`); the special tokens are put around them last (`PostProcessor`). A `String` is valid
/// Unicode: bytes that are not UTF-8 have become U+FFFD before, as `String(decoding:as:)` and Python's
/// `errors="replace"` make them.
///
/// Thread safety: immutable; any number of threads may encode at once.
public final class Tokenizer: Sendable {
    private let stages: TokenizerFile

    /// The stages with the kinds that the file names, in the order in which a text passes them.
    public var stageNames: [String] { stages.names }

    /// The number of special tokens that are put around a single text.
    public let specialTokenCount: Int
    /// The number of special tokens that are put around and between two texts.
    public let pairSpecialTokenCount: Int
    /// The number of tokens, added ones included.
    public let vocabularyCount: Int

    /// Reads `tokenizer.json` in a model's folder.
    ///
    /// - Throws: `EmbedderError` with code `modelNotFound` when the file cannot be read,
    ///   `unsupportedModel` when it asks for a stage that is not there, `invalidModel` when it is
    ///   damaged.
    public convenience init(directory: String) throws(EmbedderError) {
        let path = directory + "/tokenizer.json"
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw EmbedderError(.modelNotFound, "cannot read \(path)", cause: error)
        }
        try self.init(json: Array(data))
    }

    /// Reads the bytes of a `tokenizer.json`.
    package init(json: [UInt8]) throws(EmbedderError) {
        let stages = try TokenizerFile(json: json)
        self.stages = stages
        specialTokenCount = PostProcessor.specialTokenCount(stages.postProcessor.single)
        pairSpecialTokenCount = PostProcessor.specialTokenCount(stages.postProcessor.pair)
        vocabularyCount = stages.model.vocabulary.count + stages.added.additionalCount
    }

    // MARK: - Encoding

    /// The tokens of a text, or of a query and a passage, with the model's special tokens.
    ///
    /// Of a pair only the second text is cut; the first one only when it alone does not fit. The
    /// special tokens always stay, so that fewer than those cannot be asked for.
    ///
    /// - Parameters:
    ///   - text: any text.
    ///   - pair: the second text.
    ///   - tokensMax: the length of the result at most, special tokens included; nil for no limit.
    /// - Returns: the tokens, and how many were cut.
    /// - Throws: `EmbedderError` with code `invalidInput` when the model's own pattern of words takes
    ///   too long on a text; never with Qwen's pattern, nor without one.
    /// - Complexity: O(length of the texts), whatever `tokensMax`.
    public func encode(
        _ text: String,
        pair: String? = nil,
        tokensMax: Int?
    ) throws(EmbedderError) -> Encoding {
        var first = try TokenRun(text, stages: stages)
        var second = try pair.map { pair throws(EmbedderError) in
            try TokenRun(pair, stages: stages)
        }
        var omitted = 0
        if let tokensMax {
            let specialCount = pair == nil ? specialTokenCount : pairSpecialTokenCount
            let room = max(0, tokensMax - specialCount)
            omitted += second?.truncate(to: max(0, room - first.count)) ?? 0
            omitted += first.truncate(to: room)
        }
        let template = second == nil ? stages.postProcessor.single : stages.postProcessor.pair
        var encoding = Encoding(ids: [], typeIDs: [], offsets: [], omittedTokenCount: omitted)
        for piece in template {
            switch piece {
            case .first(let typeID): encoding.append(first, typeID: typeID)
            case .second(let typeID):
                if let second { encoding.append(second, typeID: typeID) }
            case .special(let ids, let typeID):
                let offsets = [Range<Int>](repeating: 0..<0, count: ids.count)
                encoding.append(TokenRun(ids: ids, offsets: offsets), typeID: typeID)
            }
        }
        return encoding
    }

    /// The tokens of a text alone: no special tokens, nothing cut.
    ///
    /// - Throws: as `encode`.
    /// - Complexity: O(length of the text).
    public func encodePlain(_ text: String) throws(EmbedderError) -> Encoding {
        let run = try TokenRun(text, stages: stages)
        let typeIDs = [Int32](repeating: 0, count: run.count)
        return Encoding(ids: run.ids, typeIDs: typeIDs, offsets: run.offsets)
    }

    // MARK: - Tokens

    /// The text that tokens stand for, as well as they allow; special and unknown ids are left out.
    public func decode(_ ids: [Int32]) -> String {
        let tokens = ids.filter { !stages.added.isSpecial(id: $0) }
        return stages.decoder.decode(tokens.compactMap(token(id:)))
    }

    /// The token with this id, nil when the vocabulary has none.
    public func token(id: Int32) -> String? {
        stages.added.content(id: id) ?? stages.model.vocabulary.token(id: id)
    }

    /// The id of this token, nil when the vocabulary does not have it.
    public func id(token: String) -> Int32? {
        stages.added.id(token: token) ?? stages.model.vocabulary.id(token: token)
    }
}

extension Encoding {
    fileprivate mutating func append(_ run: TokenRun, typeID: Int32) {
        ids += run.ids
        offsets += run.offsets
        typeIDs += repeatElement(typeID, count: run.count)
    }
}
