import Foundation
import GRDB
import TestSupport
import Testing
import VectorStore

@Suite("Query plans")
struct QueryPlanTests {
    @Test("a text is looked up by its hash, however large the collection is")
    func textLookup() async throws {
        let open = try await StoreFixture.open()
        await open.store.close()
        var readOnly = Configuration()
        readOnly.readonly = true
        let path = open.directory.url.appendingPathComponent("ragd.sqlite").path
        let plan = try await DatabaseQueue(path: path, configuration: readOnly).read { db in
            try Row.fetchAll(
                db,
                sql: "EXPLAIN QUERY PLAN " + Collection.embeddingSQL,
                arguments: [Data(), 1]
            )
            .map { $0["detail"] as String }
        }
        #expect(plan.contains { $0.contains("(text_hash=? AND collection_id=?)") }, "\(plan)")
        #expect(!plan.contains { $0.contains("SCAN") }, "\(plan)")
    }
}
