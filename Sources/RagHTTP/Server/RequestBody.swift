import HTTPTypes
import Hummingbird
import NIOCore
import StrictJSON

extension Request {
    /// Reads the body as JSON: content type first, then size, then text.
    ///
    /// - Throws: `APIError` of kind `unsupportedMediaType`, `tooLarge` or `invalid`.
    func json(limits: HTTPLimits) async throws -> JSONValue {
        let bytes = try await jsonBytes(limits: limits)
        guard !bytes.isEmpty else {
            throw APIError.invalid("the body is empty; send a JSON object", code: "invalid_json")
        }
        return try await CodecThreads.run(byteCount: bytes.count) {
            do throws(JSONError) {
                return try JSONReader.read(bytes)
            } catch {
                throw APIError(error)
            }
        }
    }

    /// Reads the body as JSON, nil when there is none.
    func optionalJSON(limits: HTTPLimits) async throws -> JSONValue? {
        let isEmpty = headers[.contentLength] == "0" || headers[.contentLength] == nil
        if isEmpty, headers[.transferEncoding] == nil {
            // Without a length and without chunks a request has no body (RFC 9112, 6.3). A body set
            // by other means than a connection has neither, and must be looked at.
            let bytes = try await jsonBytes(limits: limits)
            guard !bytes.isEmpty else { return nil }
            return try JSONReader.read(bytes)
        }
        return try await json(limits: limits)
    }

    private func jsonBytes(limits: HTTPLimits) async throws -> [UInt8] {
        try requireJSON()
        do {
            let buffer = try await body.collect(upTo: limits.bodyByteCountMax)
            return Array(buffer: buffer)
        } catch is NIOTooManyBytesError {
            throw limits.bodyTooLarge
        }
    }

    private func requireJSON() throws(APIError) {
        if let encoding = headers[.contentEncoding], encoding.lowercased() != "identity" {
            throw APIError(
                .unsupportedMediaType,
                "compressed bodies are not accepted; send the JSON as it is",
                code: "unsupported_content_encoding"
            )
        }
        // A missing type is taken for JSON: nothing else is accepted here anyway.
        guard let contentType = headers[.contentType] else { return }
        let parts = contentType.lowercased().split(separator: ";").map {
            $0.trimmingWhiteSpace()
        }
        let type = parts.first ?? ""
        let isJSON = type == "application/json" || type.hasSuffix("+json")
        let charset = parts.dropFirst().first { $0.hasPrefix("charset=") }
        let isUTF8 = charset.map { $0 == "charset=utf-8" || $0 == "charset=\"utf-8\"" } ?? true
        guard isJSON, isUTF8 else {
            throw APIError(
                .unsupportedMediaType,
                "the body must be JSON in UTF-8; send the header 'content-type: application/json'",
                code: "unsupported_media_type"
            )
        }
    }
}

extension Substring {
    func trimmingWhiteSpace() -> String {
        let trimmed = drop { $0 == " " || $0 == "\t" }
        return String(trimmed.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
