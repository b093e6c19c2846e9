import Foundation
import NIOCore
import RagHTTP
import StrictJSON
import TestSupport
import Testing

@Suite("JSON writer")
struct JSONWriterTests {
    @Test("writes members, commas and escapes")
    func writesMembers() {
        let text = JSONWriter.bytes { json in
            json.object { json in
                json.member("text", "a\"b\\c\n\u{1F}é")
                json.member("none", nil as String?)
                json.member("count", 3)
                json.member("flag", false)
                json.member("score", Float(0.1))
                json.array("empty", [] as [Int]) { $0.value($1) }
                json.array("list", [1, 2]) { $0.value($1) }
                json.object("inner") { $0.member("nan", Double.nan) }
            }
        }
        #expect(
            String(buffer: text)
                == #"{"text":"a\"b\\c\n\u001fé","none":null,"count":3,"flag":false,"score":0.1,"#
                + #""empty":[],"list":[1,2],"inner":{"nan":null}}"#
        )
    }

    @Test("writes floats that read back as the same bits", arguments: [1, 2, 3] as [UInt64])
    func writesFloats(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let vector = (0..<4_000)
            .map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: random.next())) }
            .filter(\.isFinite)
        let text = JSONWriter.bytes { $0.value(vector) }
        var fields = try Fields(
            JSONReader.read(Array(#"{"v":"#.utf8) + Array(buffer: text) + [0x7D])
        )
        let read = try fields.vector("v")
        #expect(read?.map(\.bitPattern) == vector.map(\.bitPattern), "seed \(seed)")
    }

    @Test("writes the base64 that Foundation writes", arguments: [0, 1, 2, 3, 4, 5, 384])
    func writesBase64(count: Int) {
        var random = SeededRandom(seed: UInt64(count))
        let vector = (0..<count).map { _ in random.normal() }
        let bytes = vector.flatMap { component in
            (0..<4).map { UInt8(truncatingIfNeeded: component.bitPattern >> (8 * $0)) }
        }
        let text = JSONWriter.bytes { $0.base64(vector) }
        #expect(String(buffer: text) == "\"\(Data(bytes).base64EncodedString())\"")
    }

    @Test("writes the error envelope with all four keys")
    func writesErrorEnvelope() {
        let full = ErrorEnvelope(message: "m", type: "t", param: "p", code: "c")
        let bare = ErrorEnvelope(message: "\"", type: "t", param: nil, code: nil)
        #expect(
            String(buffer: full.json)
                == #"{"error":{"message":"m","type":"t","param":"p","code":"c"}}"#
        )
        #expect(
            String(buffer: bare.json)
                == #"{"error":{"message":"\"","type":"t","param":null,"code":null}}"#
        )
    }
}
