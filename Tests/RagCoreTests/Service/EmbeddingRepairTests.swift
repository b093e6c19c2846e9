import Foundation
import RagCore
import TestSupport
import Testing
import VectorStore

@Suite("Embedding repair")
struct EmbeddingRepairTests {
    @Test("a damaged vector does not keep the service from starting, and is made again")
    func damagedVector() async throws {
        let directory = try TemporaryDirectory()
        try await ServiceFixture.run(directory: directory) { fixture in
            try await fixture.addLibrary()
        }
        try Self.damageVector(in: directory)
        try await ServiceFixture.run(directory: directory) { fixture in
            // Counted at the start, whether or not it is repaired by now.
            let metrics = fixture.service.metrics.text()
            #expect(metrics.contains("ragd_damage_total{part=\"vector\"} 1"))
            for _ in 0..<400 where !fixture.service.damage.isEmpty {
                try await Task.sleep(for: .milliseconds(25))
            }
            #expect(fixture.service.damage == [:])
            let repaired = fixture.service.metrics.text()
            #expect(repaired.contains("ragd_repairs_total{part=\"vector\"} 1"))
            #expect(repaired.contains("ragd_damaged{part=\"vector\"} 0"))
        }
        #expect(try VectorStore.check(directory: directory.path).findings == [])
    }

    /// Changes a byte of the first vector in the file of a store that is closed.
    private static func damageVector(in directory: TemporaryDirectory) throws {
        let file = directory.url.appendingPathComponent("ragd.sqlite")
        var bytes = try Data(contentsOf: file)
        // The envelope of a blob of byte planes: "rg", version 1, and the coding.
        let place = try #require(
            [0x10, 0x11].compactMap { bytes.range(of: Data([0x72, 0x67, 1, $0])) }.first
        )
        bytes[place.upperBound + 40] ^= 1
        try bytes.write(to: file)
    }
}
