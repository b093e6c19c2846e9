/// A part of a collection that is checked on its own when it is read.
///
/// All but `text` are derived: they are made again from the texts, embeddings with the model's help.
public enum StoredPart: String, Sendable, Hashable, CaseIterable {
    /// A document's text. It cannot be made again: its owner has to send it again.
    case text
    /// A chunk's vector.
    case vector
    /// The sign codes of a chunk's tokens.
    case tokenCodes = "token_codes"
    /// The full-text index.
    case textIndex = "text_index"
    /// The graph's checkpoint.
    case graph
}
