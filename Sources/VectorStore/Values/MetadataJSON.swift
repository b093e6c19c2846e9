import Foundation

/// Metadata as the JSON text that is stored with a document.
enum MetadataJSON {
    /// The longest metadata of one document, in bytes of JSON.
    static let byteCountMax = 1 << 20

    static func encode(_ metadata: [String: MetadataValue]) throws(VectorStoreError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data: Data
        do {
            data = try encoder.encode(metadata)
        } catch {
            throw VectorStoreError(.invalidArgument, "metadata has no JSON form", cause: error)
        }
        guard data.count <= byteCountMax else {
            throw VectorStoreError(
                .limitExceeded,
                "metadata of \(data.count) bytes as JSON; \(byteCountMax) at most"
            )
        }
        return String(decoding: data, as: UTF8.self)
    }

    static func decode(
        _ json: String,
        _ what: @autoclosure () -> String
    ) throws(VectorStoreError) -> [String: MetadataValue] {
        if json == "{}" { return [:] }
        do {
            return try JSONDecoder().decode([String: MetadataValue].self, from: Data(json.utf8))
        } catch {
            throw VectorStoreError(.corrupted, "\(what()) is not JSON", cause: error)
        }
    }
}
