import Foundation
import RagCore
import Testing

/// Retrieval quality on real input, against the figures that the design was chosen by.
@Suite(
    "Cranfield",
    .enabled(if: ProcessInfo.processInfo.environment["RAGD_SLOW_TESTS"] == "1"),
    .serialized
)
struct CranfieldTests {
    private static let collection = "cranfield"

    @Test("nDCG@10 is that of the design in every mode, and a rerank costs at most 10 ms")
    func qualityAndCost() async throws {
        let cranfield = try Cranfield.load()
        try await ServiceFixture.run { fixture in
            let service = fixture.service
            try await ingest(cranfield, service)
            let dense = try await measure(cranfield, service) { $0.mode = .dense }
            let lexical = try await measure(cranfield, service) { $0.mode = .lexical }
            let hybrid = try await measure(cranfield, service) { $0.mode = .hybrid }
            let reranked = try await measure(cranfield, service) { request in
                request.rerank = SearchRequest.Rerank()
            }
            print("dense    \(dense)")
            print("lexical  \(lexical)")
            print("hybrid   \(hybrid)")
            print("reranked \(reranked)")
            #expect(abs(dense.gain - 0.509) <= 0.005)
            #expect(lexical.gain >= 0.500)
            #expect(hybrid.gain >= 0.550)
            #expect(reranked.gain >= 0.560)
            #expect(reranked.rerankMsP50 <= 10)
        }
    }

    private struct Measurement: CustomStringConvertible {
        var gain = 0.0
        var totalMsP50 = 0.0
        var rerankMsP50 = 0.0

        var description: String {
            "nDCG@10 \(String(format: "%.4f", gain)), "
                + "p50 \(String(format: "%.2f", totalMsP50)) ms, "
                + "of it rerank \(String(format: "%.2f", rerankMsP50)) ms"
        }
    }

    private func ingest(_ cranfield: Cranfield, _ service: RagService) async throws {
        _ = try await service.createCollection(CollectionSpec(name: Self.collection))
        let start = ContinuousClock.now
        var chunkCount = 0
        for start in stride(from: 0, to: cranfield.documents.count, by: 500) {
            let documents = cranfield.documents[start...].prefix(500).map { document in
                DocumentInput(
                    id: document.id,
                    text: document.text,
                    title: document.title.isEmpty ? nil : document.title
                )
            }
            let outcomes = try await service.ingest(Array(documents), into: Self.collection)
            #expect(outcomes.allSatisfy { $0.status == .created })
            chunkCount += outcomes.reduce(0) { $0 + $1.chunks }
        }
        print("ingested \(chunkCount) chunks in \(start.duration(to: .now))")
    }

    private func measure(
        _ cranfield: Cranfield,
        _ service: RagService,
        _ choose: (inout SearchRequest) -> Void
    ) async throws -> Measurement {
        var gains: [Double] = []
        var responses: [SearchResponse] = []
        for query in cranfield.queries {
            var request = SearchRequest(query: query.text, limit: 10, groupByDocument: true)
            choose(&request)
            let response = try await service.search(request, in: Self.collection)
            responses.append(response)
            let ranking = response.hits.map(\.documentID)
            if let gain = cranfield.gainAt10(of: ranking, for: query) { gains.append(gain) }
        }
        return Measurement(
            gain: gains.reduce(0, +) / Double(gains.count),
            totalMsP50: median(responses.map(\.timings.total)),
            rerankMsP50: median(responses.map(\.timings.rerank))
        )
    }

    private func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
}
