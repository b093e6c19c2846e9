import RagCore
import TestSupport
import Testing

private typealias Ledger = RequestLedger<String, Int>

@Suite("Ledger of requests")
struct RequestLedgerTests {
    private var ledger = Ledger()

    private mutating func add(_ number: UInt64, _ keys: [String]) -> [UInt64] {
        ledger.add(
            BatchRequestID(number),
            keys: keys,
            values: keys.map { _ in nil },
            now: .now
        )
        .map(\.id.number)
    }

    private mutating func finish(_ text: UInt64, _ value: Int) -> [String] {
        ledger.finish(BatchTextID(text), value).map { "\($0.request.number): \($0.values)" }
    }

    private mutating func remove(_ request: UInt64) -> [UInt64] {
        ledger.remove(BatchRequestID(request)).map(\.number)
    }

    @Test("a request has its answer when its last text has its value, in its own order")
    mutating func answers() {
        #expect(add(1, ["a", "b"]) == [1, 2])
        #expect(finish(2, 20) == [])
        #expect(finish(1, 10) == ["1: [10, 20]"])
        #expect(ledger.isEmpty)
    }

    @Test("a text in flight is joined, and answers everybody")
    mutating func joins() {
        #expect(add(1, ["a", "b"]) == [1, 2])
        #expect(add(2, ["b", "c"]) == [3])
        #expect(add(3, ["b"]) == [])
        #expect(finish(2, 20) == ["3: [20]"])
        #expect(finish(1, 10) == ["1: [10, 20]"])
        #expect(finish(3, 30) == ["2: [20, 30]"])
        #expect(ledger.isEmpty)
    }

    @Test("a text that stands twice in a request is one")
    mutating func twiceInARequest() {
        #expect(add(1, ["a", "b", "a"]) == [1, 2])
        #expect(finish(2, 20) == [])
        #expect(finish(1, 10) == ["1: [10, 20, 10]"])
        #expect(add(2, ["a", "a"]) == [3])
        #expect(remove(2) == [3])
        ledger.drop(BatchTextID(3))
        #expect(ledger.isEmpty)
    }

    @Test("what is known already is part of the answer")
    mutating func known() {
        let new = ledger.add(
            BatchRequestID(1),
            keys: ["a", "b", "c"],
            values: [nil, 20, nil],
            now: .now
        )
        #expect(new.map(\.index) == [0, 2])
        #expect(finish(2, 30) == [])
        #expect(finish(1, 10) == ["1: [10, 20, 30]"])
    }

    @Test("a request that goes leaves the texts that others want")
    mutating func removal() {
        _ = add(1, ["a", "b"])
        _ = add(2, ["b"])
        #expect(remove(1) == [1])
        ledger.drop(BatchTextID(1))
        #expect(finish(2, 20) == ["2: [20]"])
        #expect(remove(1) == [])
        #expect(ledger.isEmpty)
    }

    @Test("a text that nobody wants, but that is being computed, can be joined again")
    mutating func joinsTheAbandoned() {
        _ = add(1, ["a"])
        #expect(remove(1) == [1])
        #expect(add(2, ["a"]) == [])
        #expect(finish(1, 10) == ["2: [10]"])
        #expect(ledger.isEmpty)
    }

    @Test("the requests that want one of some texts are named once, oldest first")
    mutating func wanting() {
        _ = add(1, ["a", "b"])
        _ = add(2, ["b", "c"])
        _ = add(3, ["c"])
        let wanting = ledger.requests(wanting: [BatchTextID(2), BatchTextID(1)])
        #expect(wanting.map(\.number) == [1, 2])
    }

    @Test("every request is answered once with its own values, or removed", arguments: 0..<100)
    mutating func random(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var requests: [BatchRequestID: [String]] = [:]
        var texts: [BatchTextID: String] = [:]
        func value(_ key: String) -> Int { key.utf8.reduce(0) { $0 * 31 + Int($1) } }
        for number in 0..<300 {
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                let keys = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                    String(Int.random(in: 0..<12, using: &random))
                }
                let request = BatchRequestID(UInt64(number))
                let new = ledger.add(request, keys: keys, values: keys.map { _ in nil }, now: .now)
                for text in new {
                    #expect(!texts.values.contains(keys[text.index]), "seed \(seed)")
                    texts[text.id] = keys[text.index]
                }
                requests[request] = keys
            case 1:
                let known = requests.keys.sorted { $0.number < $1.number }
                guard let request = known.randomElement(using: &random) else { continue }
                requests[request] = nil
                for text in ledger.remove(request) where Bool.random(using: &random) {
                    ledger.drop(text)
                    texts[text] = nil
                }
            default:
                guard let text = texts.keys.sorted().randomElement(using: &random),
                    let key = texts.removeValue(forKey: text)
                else { continue }
                for answer in ledger.finish(text, value(key)) {
                    let keys = requests.removeValue(forKey: answer.request)
                    #expect(keys?.map(value) == answer.values, "seed \(seed)")
                }
            }
        }
        for (text, key) in texts {
            for answer in ledger.finish(text, value(key)) { requests[answer.request] = nil }
        }
        #expect(requests.isEmpty && ledger.isEmpty, "seed \(seed)")
    }
}
