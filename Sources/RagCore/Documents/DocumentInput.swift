public import VectorStore

/// A document as a caller hands it in.
public struct DocumentInput: Sendable, Hashable {
    /// The caller's name for it; `nil` derives one from the content, `doc-` and 32 hex digits.
    public var id: String?

    /// The text that is cut into chunks, searched and cited.
    ///
    /// May be empty: then there are no chunks, and the document is listed but never found.
    public var text: String

    /// Embedded with each chunk and searched, never cited.
    public var title: String?

    /// What filters can ask for; returned with every hit.
    public var metadata: [String: MetadataValue]

    /// Where the text is from, such as a path or URL; returned with every hit.
    public var source: String?

    /// Makes a document.
    public init(
        id: String? = nil,
        text: String,
        title: String? = nil,
        metadata: [String: MetadataValue] = [:],
        source: String? = nil
    ) {
        self.id = id
        self.text = text
        self.title = title
        self.metadata = metadata
        self.source = source
    }
}
