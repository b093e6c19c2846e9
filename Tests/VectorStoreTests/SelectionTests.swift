import TestSupport
import Testing
import VectorStore

@Suite("Selections")
struct SelectionTests {
    @Test("hold exactly the keys that they were made of", arguments: [1, 2, 3])
    func holdsKeys(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let keys = Set(
            (0..<500).map { _ -> ChunkKey in
                let range: Range<ChunkKey> =
                    Bool.random(using: &random) ? 0..<2_000 : 0..<(1 << 50)
                return .random(in: range, using: &random)
            }
        )
        let selection = Selection(ascending: keys.sorted())
        #expect(selection.count == keys.count)
        #expect(selection.keys == keys.sorted())
        for key in keys {
            #expect(selection.contains(key))
            for near in [key - 1, key + 1, key + 4_096] {
                #expect(selection.contains(near) == keys.contains(near))
            }
        }
    }

    @Test("count a repeated key once, and none when empty")
    func edges() {
        #expect(Selection(ascending: [5, 5, 5, 6]).count == 2)
        let empty = Selection(ascending: [])
        #expect(empty.count == 0)
        #expect(!empty.contains(0))
        #expect(empty.keys.isEmpty)
        #expect(Selection(ascending: [.max]).contains(.max))
    }
}
