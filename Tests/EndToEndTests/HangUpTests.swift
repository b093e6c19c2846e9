import Foundation
import RagCore
import RagHTTP
import TestSupport
import Testing

@Suite("A client that hangs up", .serialized)
struct HangUpTests {
    @Test("takes its work out of the queue, and the daemon serves on")
    func takesItsWorkAlong() async throws {
        let data = try TemporaryDirectory()
        // One precision and one thread: a quarter of a million tokens take ten seconds at the least.
        let daemon = try await Daemon(data: data.path, environment: ["RAGD_PRECISION": "f32"])
        let client = daemon.client
        let words = String(repeating: "tide moon sea ", count: 60)
        let inputs = (0..<1_300).map { EmbedRequest.Input.text("\($0) " + words) }
        let request = Task { try await client.embed(EmbedRequest(inputs: inputs)) }
        try await waitForTokens("none waits") { $0 > 100_000 }
        request.cancel()
        _ = await request.result
        // A batch that is being computed is finished.
        let start = ContinuousClock.now
        try await waitForTokens("the queue stays full") { $0 == 0 }
        #expect(start.duration(to: .now) < .seconds(5))
        let reply = try await client.embed(EmbedRequest(inputs: [.text("still there?")]))
        #expect(reply.data.count == 1)
        #expect(try await daemon.stop() == 0)

        func waitForTokens(_ complaint: String, until holds: (Double) -> Bool) async throws {
            for _ in 0..<500 {
                if holds(try await waitingTokens(client)) { return }
                try await Task.sleep(for: .milliseconds(20))
            }
            throw Daemon.Failure(description: "\(complaint) for ten seconds")
        }
    }

    /// Tokens of all classes that wait for the encoder.
    private func waitingTokens(_ client: RagClient) async throws -> Double {
        try await client.metrics().split(separator: "\n")
            .filter { $0.hasPrefix("ragd_queue_tokens{") }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
            .reduce(0, +)
    }
}
