import HTTPTypes
package import Hummingbird
import Logging

/// Names each request, in the log and in the `x-request-id` header of its answer: by the name that
/// the caller sent where that is fit for a log line, by a random one otherwise.
package struct RequestIDMiddleware: RouterMiddleware {
    /// Longest name taken over from a caller; a UUID has 36 bytes.
    private static let byteCountMax = 128

    /// Makes the middleware.
    package init() {}

    /// Names the request and its answer.
    package func handle(
        _ request: Request,
        context: RagRequestContext,
        next: (Request, RagRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        let requestID = Self.accepted(request.headers[.requestID]) ?? Self.random()
        context.requestID = requestID
        context.logger[metadataKey: "request_id"] = "\(requestID)"
        // Hummingbird's own number would be a second name for the same thing.
        context.logger[metadataKey: "hb.request.id"] = nil
        var response = try await next(request, context)
        response.headers[.requestID] = requestID
        return response
    }

    /// Letters, digits, `-`, `_` and `.` only: nothing that could forge a log line.
    static func accepted(_ name: String?) -> String? {
        guard let name, !name.isEmpty, name.utf8.count <= byteCountMax else { return nil }
        let isSane = name.utf8.allSatisfy { unit in
            switch unit {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        return isSane ? name : nil
    }

    private static func random() -> String {
        let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        return "req-" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension HTTPField.Name {
    /// `x-request-id`, as OpenAI's SDKs read it.
    static var requestID: Self {
        // A constant token: the initialiser fails for names that are not tokens only.
        guard let name = Self("x-request-id") else { preconditionFailure("not a header name") }
        return name
    }
}
