import HTTPTypes
package import Hummingbird
import Logging
package import RagCore

/// Writes one line a request and counts it.
///
/// The line has the route's pattern in place of the path, which may name documents, and nothing of
/// the body.
package struct RequestLogMiddleware: RouterMiddleware {
    private let metrics: Metrics
    private let clock = ContinuousClock()

    /// Makes the middleware; it counts in `metrics`.
    package init(metrics: Metrics) {
        self.metrics = metrics
    }

    /// Passes the request on and notes how it went.
    package func handle(
        _ request: Request,
        context: RagRequestContext,
        next: (Request, RagRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = clock.now
        let response = try await next(request, context)
        let seconds = (clock.now - start) / .seconds(1)
        let method = Self.label(request.method)
        let route = context.endpointPath ?? "unknown"
        let status = response.status.code
        // The labels are few: the server's own patterns, known methods and status codes.
        metrics.histogram(
            "ragd_http_request_seconds",
            help: "Time from the end of a request's head to its answer.",
            labels: ["method": method, "route": route, "status": "\(status)"]
        ).observe(seconds)
        context.logger.info(
            "request",
            metadata: [
                "method": "\(method)", "route": "\(route)", "status": "\(status)",
                "ms": "\((seconds * 10_000).rounded() / 10)",
                "bytes": "\(response.body.contentLength ?? 0)",
            ]
        )
        return response
    }

    /// The method where it is a known one: it is the caller's own word otherwise.
    private static func label(_ method: HTTPRequest.Method) -> String {
        switch method {
        case .get, .head, .post, .put, .patch, .delete, .options: method.rawValue
        default: "other"
        }
    }
}
