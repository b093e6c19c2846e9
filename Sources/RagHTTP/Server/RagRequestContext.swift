package import Hummingbird
package import NIOCore

/// What a request carries from middleware to route beside Hummingbird's own.
package struct RagRequestContext: RequestContext {
    /// Hummingbird's own.
    package var coreContext: CoreRequestContextStorage

    /// The name of this request in the log and in the `x-request-id` header of its answer.
    package var requestID = ""

    /// The connection that it came on.
    package let channel: any Channel

    /// Starts the context of a request.
    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
