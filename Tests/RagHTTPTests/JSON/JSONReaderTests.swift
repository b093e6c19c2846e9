import Foundation
import NIOCore
import RagHTTP
import StrictJSON
import TestSupport
import Testing
import VectorStore

@Suite("JSON reader")
struct JSONReaderTests {
    @Test(
        "accepts what the grammar accepts",
        arguments: [
            ("null", MetadataValue.null), (" true ", .bool(true)), ("false", .bool(false)),
            ("0", .integer(0)), ("-0", .integer(0)), ("9223372036854775807", .integer(.max)),
            ("-9223372036854775808", .integer(.min)), ("1.5", .number(1.5)), ("1e3", .number(1000)),
            ("1E+2", .number(100)), ("-2.5e-3", .number(-0.0025)), ("1e-400", .number(0)),
            (#""""#, .string("")), (#""é\u00e9\ud83d\ude00\n\/""#, .string("éé😀\n/")),
            (#""\u0000""#, .string("\0")), ("[]", .array([])), ("{}", .object([:])),
            ("[1,[2],{}]", .array([.integer(1), .array([.integer(2)]), .object([:])])),
            (#"{"a":{"b":[true]}}"#, .object(["a": .object(["b": .array([.bool(true)])])])),
            ("\r\n\t {\"a\" : 1 }\n", .object(["a": .integer(1)])),
        ]
    )
    func accepts(text: String, expected: MetadataValue) throws {
        #expect(try MetadataValue(JSONReader.read(Array(text.utf8))) == expected)
    }

    @Test(
        "refuses at the byte that is wrong",
        arguments: [
            ("", 0), ("   ", 3), ("nul", 0), ("[1,]", 3), ("[1 2]", 3), ("[", 1), ("{", 1),
            (#"{"a"}"#, 4), (#"{"a":}"#, 5), (#"{"a":1,}"#, 7), ("{a:1}", 1), (#"{"a":1"#, 6),
            ("01", 0), ("-", 1), ("1.", 2), (".5", 0), ("+1", 0), ("1e", 2), ("1e999", 0),
            ("9223372036854775808", 0), ("NaN", 0), ("[Infinity]", 1), ("-Infinity", 1),
            ("\"a\nb\"", 2), (#""\x""#, 2), (#""\u12g4""#, 5), (#""\ud800""#, 2),
            (#""\udc00""#, 2), (#""\ud800\u0041""#, 2), (#""abc"#, 0), ("1 2", 2), ("{}x", 2),
            (#"{"a":1,"a":2}"#, 7), ("'a'", 0), ("\u{FEFF}1", 0), ("[1,\u{0B}2]", 3),
        ]
    )
    func refuses(text: String, offset: Int) {
        #expect {
            try JSONReader.read(Array(text.utf8))
        } throws: { error in
            (error as? JSONError)?.offset == offset
        }
    }

    @Test(
        "refuses strings that are not UTF-8",
        arguments: [
            [0x80], [0xC3], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFF],
        ] as [[UInt8]]
    )
    func refusesInvalidUTF8(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        #expect(throws: JSONError.self) { try JSONReader.read([quote] + bytes + [quote]) }
        // The same after an escape, which takes another path.
        let escape = Array(#""\n"#.utf8)
        #expect(throws: JSONError.self) { try JSONReader.read(escape + bytes + [quote]) }
    }

    @Test("refuses the second use of a name in small and in large objects", arguments: [2, 100])
    func refusesDuplicates(count: Int) {
        let members = (0..<count).map { "\"k\($0)\":0" } + ["\"k0\":1"]
        let text = "{" + members.joined(separator: ",") + "}"
        #expect(throws: JSONError.self) { try JSONReader.read(Array(text.utf8)) }
    }

    @Test("stops at its caps before it recurses or allocates")
    func stopsAtCaps() throws {
        let limits = JSONReader.Limits(depthMax: 8, valueCountMax: 10)
        let nested = { (depth: Int) in
            Array(
                (String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8
            )
        }
        _ = try JSONReader.read(nested(8), limits: limits)
        #expect(throws: JSONError.self) { try JSONReader.read(nested(9), limits: limits) }
        // A million open brackets: the stack would be gone without the cap.
        let hostile = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(throws: JSONError.self) { try JSONReader.read(hostile) }
        let list = { (count: Int) in
            Array("[\(Array(repeating: "0", count: count).joined(separator: ","))]".utf8)
        }
        _ = try JSONReader.read(list(9), limits: limits)
        #expect(throws: JSONError.self) { try JSONReader.read(list(10), limits: limits) }
    }

    @Test("reads every double as the standard library does", arguments: [1, 2, 3] as [UInt64])
    func readsDoubles(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<2_000 {
            let bits = Double(bitPattern: random.next())
            let number = random.next() % 2 == 0 ? bits : Double(Float(random.normal()))
            guard number.isFinite else { continue }
            var text = number.description
            if !text.contains(where: { ".e".contains($0) }) { text += ".0" }
            guard case .number(let read) = try JSONReader.read(Array(text.utf8)).content else {
                Issue.record("\(text) is not read as a number")
                continue
            }
            #expect(read == number, "seed \(seed): \(text)")
        }
    }

    @Test("agrees with Foundation on random documents", arguments: 0..<200 as Range<UInt64>)
    func agreesWithFoundation(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let value = RandomJSON.value(depth: 5, using: &random)
        let data = try JSONEncoder().encode(value)
        #expect(try MetadataValue(JSONReader.read(Array(data))) == value, "seed \(seed)")
        var writer = JSONWriter()
        writer.value(value)
        let written = Data(writer.buffer.readableBytesView)
        let read = try JSONDecoder().decode(MetadataValue.self, from: written)
        #expect(RandomJSON.isEqual(read, value), "seed \(seed)")
    }

    @Test("answers damaged documents with an error or a value", arguments: 0..<300 as Range<UInt64>)
    func survivesDamage(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let value = RandomJSON.value(depth: 4, using: &random)
        var bytes = Array(try JSONEncoder().encode(value))
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: bytes.indices, using: &random)
            switch random.next() % 3 {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: index)
            default: bytes.removeSubrange(index...)
            }
        }
        guard let read = try? JSONReader.read(bytes) else { return }
        // Whatever was accepted must be JSON for Foundation, too.
        #expect(
            throws: Never.self,
            "seed \(seed): \(read.kindName)"
        ) {
            try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        }
    }
}
