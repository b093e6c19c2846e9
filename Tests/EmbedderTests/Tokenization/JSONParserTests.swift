import Embedder
import Testing

@Suite("JSON parser")
struct JSONParserTests {
    private func string(_ json: String) throws -> String {
        try JSONParser.parse(Array(json.utf8), name: "test").string()
    }

    @Test(
        "escapes are read",
        arguments: [
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u00e9\u0000""#, "é\0"),
            (#""\ud83d\ude00""#, "😀"), (#""\uFFFF""#, "\u{ffff}"),
        ]
    )
    func escapes(json: String, text: String) throws {
        #expect(try string(json) == text)
    }

    @Test("names that are canonically equivalent stay two")
    func names() throws {
        let node = try JSONParser.parse(
            Array("{\"\u{e9}\": 1, \"e\u{301}\": 2}".utf8),
            name: "test"
        )
        #expect(try node.members().count == 2)
    }

    @Test(
        "what the standard does not allow is refused",
        arguments: [
            "", " ", "{", "[", "\"", "{\"a\"}", "{\"a\":}", "{a:1}", "[1,]", "[1 2]", "{} {}", "01",
            "1.", ".5", "-", "1e", "+1", "nul", "truex", "'a'", "\"\\x\"", "\"\\u12\"",
            "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\n\"", "1e999", "{\"a\":1,}",
        ]
    )
    func malformed(json: String) {
        #expect(throws: EmbedderError.self) { try JSONParser.parse(Array(json.utf8), name: "test") }
    }

    @Test("bytes that are not UTF-8 are refused")
    func invalidUTF8() {
        for bytes: [UInt8] in [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]] {
            let json = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
            #expect(throws: EmbedderError.self) { try JSONParser.parse(json, name: "test") }
        }
    }

    @Test("nesting has a limit that no stack depends on")
    func nesting() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(throws: EmbedderError.self) { try JSONParser.parse(deep, name: "test") }
    }
}
