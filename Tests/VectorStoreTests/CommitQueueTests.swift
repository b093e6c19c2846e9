import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing
import VectorStore

@Suite("Commits")
struct CommitTests {
    @Test("of many callers at once are all there, each whole")
    func concurrentWriters() async throws {
        let open = try await StoreFixture.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    var random = SeededRandom(seed: UInt64(writer))
                    for index in 0..<20 {
                        let id = "w\(writer)-\(index)"
                        let write = StoreFixture.document(id, using: &random)
                        _ = try await open.collection.upsert([write])
                        // Acknowledged is found.
                        let vector = try #require(write.chunks?.first?.vector)
                        let hit = try open.collection.searchDense(vector, count: 1, exact: true)
                        let key = try #require(hit.first?.key)
                        let chunk = try open.collection.chunks(for: [key])[key]
                        #expect(chunk?.documentID == id)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try open.collection.statistics().documentCount == 160)
        #expect(try open.store.verify() == [])
    }

    @Test("fail alone: one that is refused does not take its neighbours along")
    func failureIsContained() async throws {
        let open = try await StoreFixture.open()
        let outcomes = await withTaskGroup(of: (Int, Bool).self) { group in
            for index in 0..<60 {
                group.addTask {
                    var random = SeededRandom(seed: UInt64(index))
                    var write = StoreFixture.document("d\(index)", using: &random)
                    // Every third claims that its text is stored already.
                    if index % 3 == 0 { write.chunks = nil }
                    return (index, (try? await open.collection.upsert([write])) != nil)
                }
            }
            return await group.reduce(into: [Int: Bool]()) { $0[$1.0] = $1.1 }
        }
        #expect(outcomes.allSatisfy { index, isWritten in isWritten == (index % 3 != 0) })
        #expect(try open.collection.statistics().documentCount == 40)
        #expect(try open.store.verify() == [])
    }

    @Test("past the limit of waiting writes are refused, and nothing of them is kept")
    func queueLimit() async throws {
        var options = StoreOptions()
        options.pendingWritesMax = 2
        let open = try await StoreFixture.open(options: options)
        let refused = await withTaskGroup(of: VectorStoreError.Code?.self) { group in
            for index in 0..<200 {
                group.addTask {
                    var random = SeededRandom(seed: UInt64(index))
                    let write = StoreFixture.document("d\(index)", words: 200, using: &random)
                    do throws(VectorStoreError) {
                        _ = try await open.collection.upsert([write])
                        return nil
                    } catch {
                        return error.code
                    }
                }
            }
            return await group.reduce(into: [VectorStoreError.Code?]()) { $0.append($1) }
        }
        let count = refused.count { $0 == nil }
        #expect(refused.allSatisfy { $0 == nil || $0 == .overloaded })
        #expect(try open.collection.statistics().documentCount == count)
    }

    @Test("that meet a full disk fail, and leave index and file as they were")
    func diskFull() async throws {
        var options = StoreOptions()
        options.fileByteCountMax = 1 << 20
        let open = try await StoreFixture.open(options: options)
        var random = SeededRandom(seed: 31)
        var written: [String] = []
        var failures = 0
        for index in 0..<120 {
            let write = StoreFixture.document("d\(index)", words: 600, using: &random)
            do throws(VectorStoreError) {
                _ = try await open.collection.upsert([write])
                written.append(write.id)
            } catch {
                #expect(error.code == .io)
                failures += 1
            }
        }
        #expect(failures > 0)
        #expect(written.count > 5)
        #expect(try open.collection.statistics().documentCount == written.count)
        #expect(try open.store.verify() == [])
        let page = try open.collection.documents(after: nil, limit: 200, filter: nil)
        #expect(page.documents.map(\.id) == written.sorted())
        await open.store.close()

        // With room again, everything is there and writing goes on.
        let store = try VectorStore.open(directory: open.directory.path)
        let collection = try store.collection(named: "notes")
        #expect(try collection.statistics().documentCount == written.count)
        let write = StoreFixture.document("again", words: 600, using: &random)
        #expect(try await collection.upsert([write]) == [.created])
        #expect(try store.verify() == [])
        await store.close()
    }

    @Test("do not keep readers waiting")
    func readersDoNotWait() async throws {
        let open = try await StoreFixture.open()
        var random = SeededRandom(seed: 32)
        _ = try await open.collection.upsert([StoreFixture.document("a", using: &random)])
        // The writer holds its transaction open until the reader is done.
        let isRead = Mutex(false)
        try open.collection.file.write("holding") { db in
            try db.inTransaction(.immediate) {
                try db.execute(sql: "DELETE FROM metadata")
                let document = try open.collection.document(id: "a")
                isRead.withLock { $0 = document != nil }
                return .rollback
            }
        }
        #expect(isRead.withLock { $0 })
    }
}
