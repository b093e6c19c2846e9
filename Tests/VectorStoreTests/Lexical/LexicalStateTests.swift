import TestSupport
import Testing
import VectorStore

@Suite("Full-text index")
struct LexicalStateTests {
    /// Words that are in most rows, in some, and in few.
    private static func words(using random: inout SeededRandom) -> ChunkWords {
        var counts: [String: UInt32] = [:]
        for _ in 0..<Int.random(in: 1...40, using: &random) {
            // Squared twice: number 0 is in nearly every row, number 999 in next to none.
            let share = Double.random(in: 0..<1, using: &random)
            let number = Int(share * share * share * share * 1_000)
            counts["w\(number)", default: 0] += UInt32.random(in: 1...3, using: &random)
        }
        return ChunkWords(counts: counts, length: Int(counts.values.reduce(0, +)))
    }

    private static func query(using random: inout SeededRandom) -> [String] {
        let count = Int.random(in: 1...8, using: &random)
        return (0..<count).map { _ in
            let share = Double.random(in: 0..<1, using: &random)
            return "w\(Int(share * share * 1_100))"
        }
        .reduce(into: []) { words, word in if !words.contains(word) { words.append(word) } }
    }

    @Test(
        "gives the best rows by the definition, whatever was written",
        arguments: [UInt64](1...6)
    )
    func oracle(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var state = LexicalState()
        var model = LexicalModel()
        var next: ChunkKey = 1
        for round in 0..<40 {
            var change = LexicalChange()
            for key in model.rows.keys.sorted() where Int.random(in: 0..<20, using: &random) == 0 {
                // Every other one without its words, as when a text is damaged.
                let words = model.rows[key].map { counts in
                    ChunkWords(counts: counts, length: Int(counts.values.reduce(0, +)))
                }
                change.removed.append((key, Bool.random(using: &random) ? words : nil))
                model.rows[key] = nil
                // Some of them come back with other words.
                if Int.random(in: 0..<3, using: &random) == 0 {
                    let words = Self.words(using: &random)
                    change.inserted.append((key, words))
                    model.rows[key] = words.counts
                }
            }
            for _ in 0..<Int.random(in: 0...300, using: &random) {
                let words = Self.words(using: &random)
                change.inserted.append((next, words))
                model.rows[next] = words.counts
                next += 1
            }
            state.apply(change)
            if Int.random(in: 0..<3, using: &random) == 0 { state = state.packed() }
            if Int.random(in: 0..<5, using: &random) == 0 {
                let image = LexicalImage(state.packed(), analysis: 7)
                state = try LexicalImage(decoding: image.encoded()).state
            }
            #expect(state.count == model.rows.count)
            for _ in 0..<6 {
                let query = Self.query(using: &random)
                let count = [1, 10, 100, 5_000].randomElement(using: &random) ?? 10
                let modulus: Int64 = [0, 2, 60].randomElement(using: &random) ?? 0
                let keys = model.rows.keys.sorted().filter { modulus == 0 || $0 % modulus == 1 }
                let selected = Set(keys)
                let hits = state.snapshot(of: query).search(
                    count: count,
                    selection: modulus == 0 ? nil : Selection(ascending: keys)
                )
                let difference = LexicalModel.difference(
                    hits,
                    from: model.scores(query) { modulus == 0 || selected.contains($0) },
                    count: count
                )
                #expect(difference == nil, "seed \(seed), round \(round), \(query)")
                let some = keys.shuffled(using: &random).prefix(20) + [next]
                let scores = state.snapshot(of: query).scores(of: Array(some))
                let wanted = model.scores(query)
                #expect(scores.count == some.count - 1)
                #expect(scores.allSatisfy { abs(Double($1) - (wanted[$0] ?? 0)) < 1e-4 })
            }
        }
    }

    @Test("passes over blocks in a large index without missing anything", arguments: [3, 100])
    func manyRows(count: Int) {
        var random = SeededRandom(seed: 30)
        var state = LexicalState()
        var model = LexicalModel()
        for key in ChunkKey(1)...20_000 {
            let words = Self.words(using: &random)
            state.apply(LexicalChange(inserted: [(key, words)]))
            model.rows[key] = words.counts
        }
        state = state.packed()
        for query in [["w0", "w1", "w700"], ["w0"], ["w0", "w1", "w2", "w3", "w40", "w999"]] {
            let hits = state.snapshot(of: query).search(count: count, selection: nil)
            let difference = LexicalModel.difference(hits, from: model.scores(query), count: count)
            #expect(difference == nil, "\(query)")
        }
    }

    @Test("takes a few bytes a posting once it is packed")
    func bytes() {
        var random = SeededRandom(seed: 31)
        var state = LexicalState()
        var postingCount = 0
        for key in ChunkKey(1)...5_000 {
            let words = Self.words(using: &random)
            postingCount += words.counts.count
            state.apply(LexicalChange(inserted: [(key, words)]))
        }
        let fresh = state.byteCount
        state = state.packed()
        #expect(state.byteCount < fresh / 3)
        #expect(state.byteCount < 5 * postingCount + 100_000, "\(state.byteCount) bytes")
    }

    @Test("an image that was changed or cut is refused, or one that answers")
    func damagedImages() {
        var random = SeededRandom(seed: 32)
        var state = LexicalState()
        for key in ChunkKey(1)...300 {
            state.apply(LexicalChange(inserted: [(key, Self.words(using: &random))]))
        }
        state.apply(LexicalChange(removed: [(3, nil), (200, nil)]))
        let bytes = LexicalImage(state.packed(), analysis: 7).encoded()
        for _ in 0..<4_000 {
            var damaged = bytes
            switch Int.random(in: 0..<3, using: &random) {
            case 0: damaged.removeLast(Int.random(in: 1..<bytes.count, using: &random))
            case 1: damaged.append(0)
            default:
                // The head more often than its share.
                let end = Bool.random(using: &random) ? 40 : bytes.count
                damaged[Int.random(in: 0..<end, using: &random)] ^=
                    UInt8.random(in: 1...255, using: &random)
            }
            guard let image = try? LexicalImage(decoding: damaged) else { continue }
            _ = image.state.snapshot(of: ["w0", "w1", "w500"]).search(count: 10, selection: nil)
            _ = image.state.packed()
        }
    }
}
