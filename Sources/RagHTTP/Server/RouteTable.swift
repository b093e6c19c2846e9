import Foundation
import HTTPTypes
import Hummingbird

/// Collects the routes, and answers 405 with `Allow` for the methods that a path does not have.
struct RouteTable {
    typealias Handler = @Sendable (Request, RagRequestContext) async throws -> Response

    private struct Entry {
        let path: String
        let isOpen: Bool
        var handlers: [HTTPRequest.Method: Handler]
    }

    private var entries: [Entry] = []

    /// Adds a route that needs the key when there is one.
    mutating func on(
        _ method: HTTPRequest.Method,
        _ path: String,
        use handler: @escaping Handler
    ) {
        add(method, path, isOpen: false, handler)
    }

    /// Adds a route that everyone may call.
    mutating func open(
        _ method: HTTPRequest.Method,
        _ path: String,
        use handler: @escaping Handler
    ) {
        add(method, path, isOpen: true, handler)
    }

    private mutating func add(
        _ method: HTTPRequest.Method,
        _ path: String,
        isOpen: Bool,
        _ handler: @escaping Handler
    ) {
        if let index = entries.firstIndex(where: { $0.path == path }) {
            precondition(entries[index].isOpen == isOpen, "\(path) is both open and keyed")
            entries[index].handlers[method] = handler
        } else {
            entries.append(Entry(path: path, isOpen: isOpen, handlers: [method: handler]))
        }
    }

    /// Registers everything with `router`: open routes as they are, the others in `keyed`.
    func register(
        open router: Router<RagRequestContext>,
        keyed: RouterGroup<RagRequestContext>
    ) {
        for entry in entries {
            let allowed = Self.allowed(entry.handlers.keys)
            for method in Self.methods {
                let handler = entry.handlers[method] ?? Self.refusal(method, allowed: allowed)
                if method == .head, entry.handlers[.get] != nil { continue }
                if entry.isOpen {
                    router.on(RouterPath(entry.path), method: method, use: handler)
                } else {
                    keyed.on(RouterPath(entry.path), method: method, use: handler)
                }
            }
        }
    }

    private static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .options,
    ]

    private static func allowed(
        _ methods: Dictionary<HTTPRequest.Method, Handler>.Keys
    ) -> [String] {
        // HEAD comes with every GET.
        let names = methods.map(\.rawValue) + (methods.contains(.get) ? ["HEAD"] : [])
        return names.sorted()
    }

    private static func refusal(_ method: HTTPRequest.Method, allowed: [String]) -> Handler {
        { _, _ in
            throw APIError(
                .methodNotAllowed(allowed: allowed),
                "\(method.rawValue) is not possible here; use \(allowed.joined(separator: " or "))",
                code: "method_not_allowed"
            )
        }
    }
}

extension RagRequestContext {
    /// A part of the path by its name in the route's pattern, percent-decoded.
    func path(_ name: String) throws(APIError) -> String {
        guard let text = parameters.get(name)?.removingPercentEncoding else {
            throw .invalid("the URL's path is not valid percent-encoded UTF-8", param: name)
        }
        return text
    }
}

extension Response {
    /// An answer with a JSON body.
    static func json(
        status: HTTPResponse.Status = .ok,
        _ body: (inout JSONWriter) -> Void
    ) -> Response {
        .json(status: status, JSONWriter.bytes { $0.object(body) })
    }

    /// An answer with a JSON body that has been written already.
    static func json(status: HTTPResponse.Status = .ok, _ bytes: ByteBuffer) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: bytes)
        )
    }

    /// An answer in plain text.
    static func text(status: HTTPResponse.Status = .ok, type: String, _ text: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
