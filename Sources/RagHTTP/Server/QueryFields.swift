import Foundation
import Hummingbird
import StrictJSON
import VectorStore

/// Reads a URL's query by name, as strictly as `Fields` reads a body.
struct QueryFields {
    private var values: [String: String] = [:]
    private var known: [String] = []

    /// Splits and decodes `query`.
    ///
    /// - Throws: `APIError` of kind `invalid` when a name is given twice or is badly encoded.
    init(_ request: Request) throws(APIError) {
        for pair in (request.uri.query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(parts[0]),
                let value = Self.decoded(parts.count > 1 ? parts[1] : "")
            else { throw .invalid("the URL's query is not valid percent-encoded UTF-8") }
            guard values.updateValue(value, forKey: name) == nil else {
                throw .invalid("\"\(name.prefix(64))\" is given twice in the URL", param: name)
            }
        }
    }

    mutating func string(_ name: String) -> String? {
        known.append(name)
        return values[name]
    }

    mutating func integer(_ name: String) throws(APIError) -> Int? {
        guard let text = string(name) else { return nil }
        guard let number = Int(text) else {
            throw .invalid("\"\(name)\" must be a whole number", param: name, code: "invalid_type")
        }
        return number
    }

    /// A filter as JSON text.
    mutating func filter(_ name: String) throws(APIError) -> Filter? {
        guard let text = string(name) else { return nil }
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONReader.read(Array(text.utf8))
        } catch {
            throw .invalid("\"\(name)\" is not valid JSON: \(error)", param: name)
        }
        return try Filter(json: json)
    }

    /// Refuses the query when it has a name that nobody asked for.
    func refuseUnknown() throws(APIError) {
        guard let unknown = values.keys.sorted().first(where: { !known.contains($0) }) else {
            return
        }
        throw .invalid(
            "unknown parameter \"\(unknown.prefix(64))\" in the URL; "
                + "known parameters: \(known.sorted().joined(separator: ", "))",
            param: unknown,
            code: "unknown_field"
        )
    }

    private static func decoded(_ text: Substring) -> String? {
        text.replacing("+", with: " ").removingPercentEncoding
    }
}
