import Foundation
import Testing
import VectorStore

@Suite("Metadata values")
struct MetadataValueTests {
    @Test(
        "are read from any JSON",
        arguments: [
            ("null", MetadataValue.null),
            ("true", .bool(true)),
            ("0", .integer(0)),
            ("1", .integer(1)),
            ("-9223372036854775808", .integer(.min)),
            ("9007199254740993", .integer(9_007_199_254_740_993)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            ("0.5", .number(0.5)),
            ("-1e300", .number(-1e300)),
            ("\"\"", .string("")),
            ("\"true\"", .string("true")),
            ("\"a\\u0000b\"", .string("a\u{0}b")),
            ("[]", .array([])),
            ("{}", .object([:])),
            ("[1,\"1\",[true,null]]", .array([1, "1", .array([true, .null])])),
            ("{\"a\":{\"b\":[0.25]}}", .object(["a": .object(["b": .array([0.25])])])),
        ]
    )
    func decode(json: String, value: MetadataValue) throws {
        let decoded = try JSONDecoder().decode(MetadataValue.self, from: Data(json.utf8))
        #expect(decoded == value)
        let again = try JSONDecoder()
            .decode(MetadataValue.self, from: try JSONEncoder().encode(decoded))
        #expect(again == value)
    }

    @Test("are not read from what is not JSON", arguments: ["", "nul", "1e999", "[1", "{\"a\"}"])
    func refuse(json: String) {
        #expect(throws: (any Error).self) {
            try JSONDecoder().decode(MetadataValue.self, from: Data(json.utf8))
        }
    }
}
