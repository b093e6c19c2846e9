import Foundation
import TestSupport
import VectorStore

/// What a store is asked to do, drawn from a seed, with what it has to hold after each step.
struct StoreScript {
    /// One call of the store's.
    enum Change {
        case create(String)
        case write(String, [DocumentWrite])
        case delete(String, [String])
        case drop(String)
    }

    /// Changes that are made at the same time and touch nothing in common, or a restart.
    enum Step {
        case changes([Change])
        case reopen
    }

    let steps: [Step]
    /// What the store holds before each step, and after the last.
    let contents: [StoreContents]

    /// A script of `count` steps over at most three collections of a few documents, so that they
    /// replace each other.
    init(count: Int, using random: inout SeededRandom) {
        var steps: [Step] = []
        var contents = [StoreContents()]
        while steps.count < count {
            var now = contents[contents.count - 1]
            let step = Self.step(now, using: &random)
            if case .changes(let changes) = step {
                for change in changes { now.apply(change) }
            }
            steps.append(step)
            contents.append(now)
        }
        self.steps = steps
        self.contents = contents
    }

    /// A script of these steps.
    init(_ steps: [Step]) {
        var contents = [StoreContents()]
        for step in steps {
            var now = contents[contents.count - 1]
            if case .changes(let changes) = step {
                for change in changes { now.apply(change) }
            }
            contents.append(now)
        }
        self.steps = steps
        self.contents = contents
    }

    private static func step(_ now: StoreContents, using random: inout SeededRandom) -> Step {
        let names = now.collections.keys.sorted()
        guard let name = names.randomElement(using: &random) else {
            return .changes([.create("c0")])
        }
        switch Int.random(in: 0..<20, using: &random) {
        case 0 where names.count < 3:
            let free = ["c0", "c1", "c2"].first { !names.contains($0) }
            return .changes([.create(free ?? "c0")])
        case 1 where names.count > 1: return .changes([.drop(name)])
        case 2, 3: return .reopen
        default: return .changes(changes(in: name, now, using: &random))
        }
    }

    private static func changes(
        in name: String,
        _ now: StoreContents,
        using random: inout SeededRandom
    ) -> [Change] {
        var free = (0..<12).map { "d\($0)" }.shuffled(using: &random)
        return (0..<Int.random(in: 1...3, using: &random)).map { _ in
            let ids = Array(free.prefix(Int.random(in: 1...4, using: &random)))
            free.removeFirst(ids.count)
            if Int.random(in: 0..<4, using: &random) == 0 { return .delete(name, ids) }
            return .write(
                name,
                ids.map { id in
                    let words = Int.random(in: 1...40, using: &random)
                    return StoreFixture.document(id, words: words, title: id, using: &random)
                }
            )
        }
    }
}

/// What a store holds: texts by document and collection.
struct StoreContents: Equatable {
    var collections: [String: [String: String]] = [:]

    /// Follows a change.
    mutating func apply(_ change: StoreScript.Change) {
        switch change {
        case .create(let name): collections[name] = collections[name] ?? [:]
        case .write(let name, let documents):
            for document in documents { collections[name]?[document.id] = document.text }
        case .delete(let name, let ids):
            for id in ids { collections[name]?[id] = nil }
        case .drop(let name): collections[name] = nil
        }
    }

    /// Whether `change` has been made, going by what it touches.
    func shows(_ change: StoreScript.Change) -> Bool {
        var after = self
        after.apply(change)
        return after == self
    }
}

extension VectorStore {
    /// Makes one change; returns when it is acknowledged.
    func perform(_ change: StoreScript.Change) async throws {
        switch change {
        case .create(let name):
            _ = try await createCollection(StoreFixture.configuration(name))
        case .write(let name, let documents):
            _ = try await collection(named: name).upsert(documents)
        case .delete(let name, let ids):
            _ = try await collection(named: name).delete(ids: ids)
        case .drop(let name): try await dropCollection(named: name)
        }
    }

    /// Reads everything.
    func contents() throws -> StoreContents {
        var contents = StoreContents()
        for collection in collections() {
            var texts: [String: String] = [:]
            for summary in try collection.documents(after: nil, limit: 1_000, filter: nil).documents
            {
                texts[summary.id] = try collection.document(id: summary.id)?.text
            }
            contents.collections[collection.configuration.name] = texts
        }
        return contents
    }

    /// Whether every document is found by each of its chunks' vectors, and by its title.
    func findsEverything() throws -> Bool {
        for collection in collections() {
            for summary in try collection.documents(after: nil, limit: 1_000, filter: nil).documents
            {
                let chunks = try collection.document(id: summary.id)?.chunks ?? []
                let vectors = try collection.vectors(for: chunks.map(\.key))
                for chunk in chunks {
                    guard let vector = vectors[chunk.key],
                        try collection.searchDense(vector, count: 1).first?.key == chunk.key
                    else { return false }
                }
                let found = try collection.searchLexical(summary.id, count: 1_000).map(\.key)
                guard Set(chunks.map(\.key)).isSubset(of: found) else { return false }
            }
        }
        return true
    }
}
