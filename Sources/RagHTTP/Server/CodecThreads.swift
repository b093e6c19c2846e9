import NIOPosix

/// Where large bodies are read and written: plain threads, so that a body of many megabytes does
/// not hold up the cooperative pool that every other request runs on.
enum CodecThreads {
    /// Below this many bytes of JSON the work takes well under a millisecond and a change of threads
    /// would cost more than it saves.
    static let byteCountMin = 64 << 10

    /// Runs `work` here when it concerns few bytes, on a plain thread otherwise.
    static func run<Value: Sendable>(
        byteCount: Int,
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        guard byteCount >= byteCountMin else { return try work() }
        return try await NIOThreadPool.singleton.runIfActive(work)
    }
}
