/// The caps of the HTTP layer.
///
/// Those on what a request asks for are `RagCore`'s `Limits`.
public struct HTTPLimits: Sendable, Hashable {
    /// Bytes of one request body: sixteen documents of the largest size, or a full embeddings
    /// request of 2048 long texts.
    public var bodyByteCountMax = 64 << 20

    /// Bytes of all request bodies in memory at once: four requests of the largest size.
    ///
    /// The tree that a body is read into takes up to a few times as much again.
    public var bodyBytesInFlightMax = 256 << 20

    /// Open connections; the next one waits in the kernel's queue.
    public var connectionCountMax = 1_024

    /// Seconds that a connection may be silent between requests or within one that it is sending.
    ///
    /// Longer than the 60 s for which load balancers keep idle connections, so that they close first.
    public var idleSecondsMax: Int64 = 75

    /// Seconds that requests are given to finish once the daemon has been told to stop.
    ///
    /// Process managers commonly kill after 30.
    public var shutdownSecondsMax: Int64 = 25

    /// Every cap at its default.
    public init() {}

    /// The error for a body past its cap.
    var bodyTooLarge: APIError {
        APIError(
            .tooLarge,
            "the body is larger than \(bodyByteCountMax) bytes; send it in several requests",
            code: "request_too_large"
        )
    }
}
