internal import VectorStore

/// Holds documents to the limits, one by one: what is wrong with one is no other's business.
struct DocumentCheck {
    private let limits: Limits

    init(_ limits: Limits) {
        self.limits = limits
    }

    /// Checks everything of a document but its id.
    ///
    /// - Parameters:
    ///   - document: the document.
    ///   - path: its place in the request, such as `documents[3]`.
    /// - Throws: `invalid` or `tooLarge` naming the field, the value and the limit.
    func check(_ document: DocumentInput, path: String) throws(RagError) {
        try Limits.check(
            document.text.utf8.count,
            atMost: limits.textByteCountMax,
            "bytes of text",
            param: "\(path).text"
        )
        try Limits.check(
            document.title?.utf8.count ?? 0,
            atMost: limits.titleByteCountMax,
            "bytes of title",
            param: "\(path).title"
        )
        try Limits.check(
            document.source?.utf8.count ?? 0,
            atMost: limits.sourceByteCountMax,
            "bytes of source",
            param: "\(path).source"
        )
        var size = MetadataSize()
        for (key, value) in document.metadata {
            size.add(key: key, value, depth: 1)
        }
        let param = "\(path).metadata"
        try Limits.check(
            size.depth,
            atMost: limits.metadataDepthMax,
            "depth of metadata",
            param: param
        )
        try Limits.check(
            size.byteCount,
            atMost: limits.metadataByteCountMax,
            "bytes of metadata",
            param: param
        )
        try Limits.check(
            size.valueCount,
            atMost: limits.metadataValuesMax,
            "values in metadata",
            param: param
        )
        guard size.isFinite else {
            throw RagError(.invalid, "metadata holds a number that is not finite", param: param)
        }
    }

    /// Checks a caller's id: not empty, within the limit, without control characters.
    func check(id: String, path: String) throws(RagError) {
        let param = "\(path).id"
        guard !id.isEmpty else {
            throw RagError(
                .invalid,
                "an id is empty; leave it out to have one derived",
                param: param
            )
        }
        try Limits.check(
            id.utf8.count,
            atMost: limits.identifierByteCountMax,
            "bytes of an id",
            param: param
        )
        guard id.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw RagError(.invalid, "an id holds a control character", param: param)
        }
    }
}

/// The extent of a document's metadata.
private struct MetadataSize {
    /// UTF-8 bytes of keys and strings, and 8 for any other leaf.
    var byteCount = 0
    var valueCount = 0
    var depth = 0
    var isFinite = true

    mutating func add(key: String, _ value: MetadataValue, depth: Int) {
        byteCount += key.utf8.count
        add(value, depth: depth)
    }

    // The recursion ends with the input's own depth, which the reader of the JSON has bounded.
    private mutating func add(_ value: MetadataValue, depth: Int) {
        self.depth = max(self.depth, depth)
        switch value {
        case .array(let values):
            for value in values { add(value, depth: depth + 1) }
        case .object(let values):
            for (key, value) in values { add(key: key, value, depth: depth + 1) }
        case .string(let text):
            byteCount += text.utf8.count
            valueCount += 1
        case .number(let number):
            byteCount += 8
            valueCount += 1
            isFinite = isFinite && number.isFinite
        case .null, .bool, .integer:
            byteCount += 8
            valueCount += 1
        }
    }
}

extension MetadataValue {
    /// The value with every whole number as an integer, as JSON has but one kind of number: equal
    /// metadata compares equal whichever way it was spelled.
    var canonical: MetadataValue {
        switch self {
        case .number(let number): Int64(exactly: number).map(MetadataValue.integer) ?? self
        case .array(let values): .array(values.map(\.canonical))
        case .object(let values): .object(values.mapValues(\.canonical))
        case .null, .bool, .integer, .string: self
        }
    }
}
