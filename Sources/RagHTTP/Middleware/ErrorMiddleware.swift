import HTTPTypes
package import Hummingbird
import Logging
import NIOCore
import RagCore

/// Turns every error into an answer in OpenAI's envelope.
///
/// The only place that knows which error has which status.
///
/// A fault is answered with the request's id and without detail, which goes to the log.
package struct ErrorMiddleware: RouterMiddleware {
    /// Makes the middleware.
    package init() {}

    /// Passes the request on and answers for whatever goes wrong.
    package func handle(
        _ request: Request,
        context: RagRequestContext,
        next: (Request, RagRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as APIError {
            return answer(error, request: request, context: context)
        } catch let error as RagError {
            if error.kind == .fault {
                // The cause may hold user text; `description` does not.
                context.logger.error("request failed", metadata: ["error": "\(error)"])
            }
            return answer(APIError(error), request: request, context: context)
        } catch let error as HTTPError where error.status == .notFound {
            return answer(unknownRoute(), request: request, context: context)
        } catch is CancellationError {
            let error = APIError(.cancelled, "the request was cancelled")
            return answer(error, request: request, context: context)
        } catch {
            context.logger.error("request failed", metadata: ["error": "\(type(of: error))"])
            return answer(APIError(.fault, ""), request: request, context: context)
        }
    }

    private func unknownRoute() -> APIError {
        APIError(
            .notFound,
            "there is no such route; GET /openapi.json lists those that there are",
            code: "unknown_route"
        )
    }

    private func answer(
        _ error: APIError,
        request: Request,
        context: RagRequestContext
    ) -> Response {
        var headers: HTTPFields = [.contentType: "application/json"]
        switch error.kind {
        case .overloaded(let seconds): headers[.retryAfter] = String(seconds)
        case .unavailable: headers[.retryAfter] = "1"
        case .methodNotAllowed(let allowed): headers[.allow] = allowed.joined(separator: ", ")
        case .unauthenticated: headers[.wwwAuthenticate] = "Bearer"
        default: break
        }
        let (status, type) = Self.status(of: error.kind)
        let isFault = error.kind == .fault
        let envelope = ErrorEnvelope(
            message: isFault
                ? "ragd failed to answer; its log says why under request id \(context.requestID)"
                : error.message,
            type: type,
            param: isFault ? nil : error.param,
            code: error.code ?? (isFault ? "internal_error" : nil)
        )
        let body = ResponseBody(byteBuffer: envelope.json)
        return Response(status: status, headers: headers, body: body)
    }

    private static func status(
        of kind: APIError.Kind
    ) -> (status: HTTPResponse.Status, type: String) {
        switch kind {
        case .invalid: (.badRequest, "invalid_request_error")
        case .unauthenticated: (.unauthorized, "authentication_error")
        case .notFound: (.notFound, "invalid_request_error")
        case .methodNotAllowed: (.methodNotAllowed, "invalid_request_error")
        case .conflict: (.conflict, "invalid_request_error")
        case .tooLarge: (.contentTooLarge, "invalid_request_error")
        case .unsupportedMediaType: (.unsupportedMediaType, "invalid_request_error")
        case .full:
            (.init(code: 507, reasonPhrase: "Insufficient Storage"), "insufficient_storage_error")
        case .overloaded: (.tooManyRequests, "rate_limit_error")
        // nginx's code for a client that has gone; it only ever reaches the log.
        case .cancelled: (.init(code: 499), "invalid_request_error")
        case .unavailable: (.serviceUnavailable, "server_error")
        case .upstream: (.badGateway, "server_error")
        case .fault: (.internalServerError, "server_error")
        }
    }
}
