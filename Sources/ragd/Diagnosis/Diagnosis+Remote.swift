import RagCore
import RagSettings
import RemoteEngine

extension Diagnosis {
    /// Asks the server of every remote model for something small.
    ///
    /// One that does not answer is no failure: the daemon starts without it. One that answers as
    /// another model would keeps the daemon from starting, when it is asked at start.
    mutating func checkRemoteModels(_ settings: DaemonSettings) async {
        guard let roster = try? settings.roster() else { return }
        for model in roster.models {
            guard case .server(let endpoint, _) = model.place else { continue }
            let subject = "model \(model.entry.id)"
            let start = ContinuousClock.now
            do throws(RagError) {
                let answer = try await Self.ask(endpoint, model.entry)
                let milliseconds = Int(start.duration(to: .now).milliseconds)
                ok(subject, "\(endpoint.url) answers within \(milliseconds) ms, \(answer)")
            } catch {
                switch error.kind {
                case .unavailable, .overloaded:
                    warn(subject, "\(endpoint.url): \(error.message)")
                default: fail(subject, "\(endpoint.url): \(error.message)")
                }
            }
        }
    }

    private static func ask(
        _ endpoint: RemoteEndpoint,
        _ entry: ModelEntry
    ) async throws(RagError) -> String {
        var endpoint = endpoint
        endpoint.attemptsMax = 1
        let service = try HTTPRemoteConnector()
            .connect(to: endpoint, named: entry.id) { _ in }
        do throws(RagError) {
            let answer: String
            if entry.kind == .reranker {
                answer = "a score of \(try await service.score(["a"], for: "a")[0])"
            } else {
                let vectors = try await service.embed(["a"], dimension: entry.dimensions)
                answer = "\(vectors[0].count) dimensions"
            }
            await service.close()
            return answer
        } catch {
            await service.close()
            throw error
        }
    }
}
