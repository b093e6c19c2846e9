/// A token that is found in the text as it stands, before the model sees the rest.
struct AddedToken: Sendable {
    let id: Int32
    let content: String
    /// Only where no word character touches it.
    let isSingleWord: Bool
    /// Takes the white space before it along.
    let stripsLeft: Bool
    /// Takes the white space after it along.
    let stripsRight: Bool
    /// Looked for in the normalised text, in its own normalised form.
    let isNormalized: Bool
    /// A mark for the model, left out when decoding.
    let isSpecial: Bool

    /// Reads an element of `added_tokens`.
    init(_ node: JSONNode) throws(EmbedderError) {
        id = Int32(try node.required("id").integer(in: 0...Vocabulary.idMax))
        content = try node.required("content").string()
        isSingleWord = try node.required("single_word").bool()
        stripsLeft = try node.required("lstrip").bool()
        stripsRight = try node.required("rstrip").bool()
        isNormalized = try node.required("normalized").bool()
        isSpecial = try node.required("special").bool()
        guard !content.isEmpty else { throw node.failure("has no content") }
    }
}
