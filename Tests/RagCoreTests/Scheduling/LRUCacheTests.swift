import RagCore
import TestSupport
import Testing

@Suite("Cache of recent values")
struct LRUCacheTests {
    @Test("keeps what was used of late, and drops the rest")
    func dropsTheOldest() {
        var cache = LRUCache<String, Int>(entriesMax: 2, byteCountMax: 1_000)
        cache.insert(1, for: "a", byteCount: 1)
        cache.insert(2, for: "b", byteCount: 1)
        #expect(cache.value(for: "a") == 1)
        cache.insert(3, for: "c", byteCount: 1)
        #expect(cache.value(for: "b") == nil)
        #expect(cache.value(for: "a") == 1 && cache.value(for: "c") == 3)
    }

    @Test("with a bound of nothing it stays empty", arguments: [(0, 100), (100, 0)])
    func staysEmpty(entries: Int, bytes: Int) {
        var cache = LRUCache<Int, Int>(entriesMax: entries, byteCountMax: bytes)
        cache.insert(1, for: 1, byteCount: 1)
        #expect(cache.value(for: 1) == nil && cache.count == 0 && cache.byteCount == 0)
    }

    @Test("an entry that would push out many others is not kept")
    func refusesTheLarge() {
        var cache = LRUCache<Int, Int>(entriesMax: 10, byteCountMax: 6_400)
        cache.insert(1, for: 1, byteCount: 100)
        cache.insert(2, for: 2, byteCount: 101)
        #expect(cache.value(for: 1) == 1 && cache.value(for: 2) == nil)
        cache.insert(3, for: 1, byteCount: 101)
        #expect(cache.value(for: 1) == nil && cache.byteCount == 0)
    }

    @Test("agrees with a list that is searched from end to end", arguments: 0..<50)
    func agreesWithAList(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let entriesMax = Int.random(in: 1...20, using: &random)
        let byteCountMax = Int.random(in: 64...2_000, using: &random)
        var cache = LRUCache<Int, Int>(entriesMax: entriesMax, byteCountMax: byteCountMax)
        /// The least recently used first.
        var list: [(key: Int, value: Int, byteCount: Int)] = []
        for value in 0..<1_000 {
            let key = Int.random(in: 0..<40, using: &random)
            let place = list.firstIndex { $0.key == key }
            if Bool.random(using: &random) {
                #expect(cache.value(for: key) == place.map { list[$0].value }, "seed \(seed)")
                if let place { list.append(list.remove(at: place)) }
            } else {
                let byteCount = Int.random(in: 0...40, using: &random)
                cache.insert(value, for: key, byteCount: byteCount)
                if let place { list.remove(at: place) }
                if byteCount <= byteCountMax / 64 {
                    while list.count >= entriesMax
                        || list.reduce(byteCount, { $0 + $1.byteCount }) > byteCountMax
                    { list.removeFirst() }
                    list.append((key, value, byteCount))
                }
            }
            #expect(cache.count == list.count, "seed \(seed)")
            #expect(cache.byteCount == list.reduce(0) { $0 + $1.byteCount }, "seed \(seed)")
        }
    }
}
