import TestSupport
import Testing
import VectorStore

@Suite("Slots by key")
struct SlotDirectoryTests {
    @Test("are those of a dictionary, through random changes", arguments: [1, 2, 3])
    func equalsDictionary(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var directory = SlotDirectory()
        var oracle: [ChunkKey: Slot] = [:]
        for step in 0..<4_000 {
            let key = key(&random)
            if Int.random(in: 0..<3, using: &random) == 0 {
                #expect(directory.removeValue(forKey: key) == oracle.removeValue(forKey: key))
            } else {
                let former = directory.updateValue(Slot(step), forKey: key)
                #expect(former == oracle.updateValue(Slot(step), forKey: key))
            }
            #expect(directory.count == oracle.count)
            #expect(directory[key] == oracle[key])
        }
        for key in oracle.keys { #expect(directory[key] == oracle[key]) }
        let keys = Set(oracle.keys.filter { $0.isMultiple(of: 3) })
            .union((0..<300).map { _ in self.key(&random) }).sorted()
        #expect(
            directory.slots(of: Selection(ascending: keys)) == keys.compactMap { oracle[$0] }
        )
    }

    private func key(_ random: inout SeededRandom) -> ChunkKey {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: .random(in: 0...(.max), using: &random)
        case 1: .random(in: 1_000_000..<1_000_200, using: &random)
        default: .random(in: 0..<900, using: &random)
        }
    }

    @Test("give a page's memory back when its last key goes")
    func reusesPages() {
        var directory = SlotDirectory()
        for key in ChunkKey(0)..<640 { _ = directory.updateValue(Slot(key), forKey: key) }
        let byteCount = directory.byteCount
        // Keys only ever grow: old ones go as new ones come.
        for key in ChunkKey(640)..<64_000 {
            _ = directory.removeValue(forKey: key - 640)
            _ = directory.updateValue(Slot(key % 640), forKey: key)
        }
        #expect(directory.count == 640)
        #expect(directory.byteCount < 2 * byteCount)
    }
}
