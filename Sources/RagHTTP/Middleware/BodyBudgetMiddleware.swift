import HTTPTypes
package import Hummingbird
import Synchronization

/// Bounds the bytes of request bodies that are in memory at once, over all connections.
///
/// A request reserves its declared length, or the most it may send when it declares none, before
/// its body is read, and gives it back when it has been answered. Past the bound the answer is 429.
/// Thread safety: the count is behind a `Mutex` that is held for one addition.
package final class BodyBudgetMiddleware: RouterMiddleware {
    private let limits: HTTPLimits
    private let reserved = Mutex(0)

    /// Makes the middleware.
    package init(limits: HTTPLimits) {
        self.limits = limits
    }

    /// Passes the request on once there is room for its body.
    package func handle(
        _ request: Request,
        context: RagRequestContext,
        next: (Request, RagRequestContext) async throws -> Response
    ) async throws -> Response {
        let byteCount = try Self.declaredByteCount(of: request, limits: limits)
        let hasRoom = reserved.withLock { reserved in
            guard reserved + byteCount <= limits.bodyBytesInFlightMax else { return false }
            reserved += byteCount
            return true
        }
        guard hasRoom else {
            throw APIError(
                .overloaded(retryAfterSeconds: 1),
                "too many large requests are being answered; try again in a second",
                code: "overloaded"
            )
        }
        defer { reserved.withLock { $0 -= byteCount } }
        return try await next(request, context)
    }

    private static func declaredByteCount(
        of request: Request,
        limits: HTTPLimits
    ) throws(APIError) -> Int {
        if let declared = request.headers[.contentLength].flatMap({ Int($0) }) {
            guard declared <= limits.bodyByteCountMax else { throw limits.bodyTooLarge }
            return max(declared, 0)
        }
        return request.headers[.transferEncoding] == nil ? 0 : limits.bodyByteCountMax
    }
}
