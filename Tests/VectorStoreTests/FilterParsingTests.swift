import Foundation
import Testing
import VectorStore

@Suite("Filter parsing")
struct FilterParsingTests {
    private func parse(_ json: String) throws -> Filter {
        try Filter(parsing: try JSONDecoder().decode(MetadataValue.self, from: Data(json.utf8)))
    }

    @Test("reads every operator", arguments: Filter.Operator.allCases)
    func readsOperator(relation: Filter.Operator) throws {
        let (json, operand): (String, MetadataValue) =
            switch relation {
            case .exists: ("true", true)
            case .anyOf, .noneOf: ("[1,\"x\"]", .array([1, "x"]))
            default: ("7", 7)
            }
        let filter = try parse("{\"key\":\"k\",\"\(relation.rawValue)\":\(json)}")
        #expect(filter == .compare(key: "k", relation, operand))
    }

    @Test("reads connectives and several operators in one comparison")
    func readsConnectives() throws {
        let filter = try parse(
            """
            {"and":[{"key":"lang","eq":"en"},{"or":[{"key":"year","gte":2020,"lt":2030},
            {"not":{"key":"tag","in":["x"]}}]}]}
            """
        )
        #expect(
            filter
                == .and([
                    .compare(key: "lang", .equal, "en"),
                    .or([
                        .and([
                            .compare(key: "year", .greaterOrEqual, 2020),
                            .compare(key: "year", .less, 2030),
                        ]),
                        .not(.compare(key: "tag", .anyOf, .array(["x"]))),
                    ]),
                ])
        )
    }

    @Test(
        "refuses what it does not know",
        arguments: [
            "[]", "1", "null", "{}", "{\"key\":\"a\"}", "{\"key\":1,\"eq\":1}", "{\"eq\":1}",
            "{\"and\":[]}", "{\"and\":{}}", "{\"or\":[1]}", "{\"not\":[]}", "{\"xor\":[]}",
            "{\"and\":[{\"key\":\"a\",\"eq\":1}],\"or\":[]}", "{\"key\":\"a\",\"equals\":1}",
            "{\"key\":\"a\",\"eq\":[1]}", "{\"key\":\"a\",\"eq\":{}}",
            "{\"key\":\"a\",\"gt\":true}",
            "{\"key\":\"a\",\"gt\":null}", "{\"key\":\"a\",\"in\":1}",
            "{\"key\":\"a\",\"in\":[[1]]}",
            "{\"key\":\"a\",\"exists\":1}", "{\"key\":\"\",\"eq\":1}",
            "{\"key\":\"a\\u0000\",\"eq\":1}",
        ]
    )
    func refuses(json: String) throws {
        #expect {
            try parse(json)
        } throws: {
            ($0 as? VectorStoreError)?.code == .invalidArgument
        }
    }

    @Test("refuses filters past its limits instead of running out of stack or SQL")
    func limits() throws {
        var deep = MetadataValue.object(["key": "a", "eq": 1])
        for _ in 0..<Filter.Limits.depth { deep = .object(["not": deep]) }
        let leaf = MetadataValue.object(["key": "a", "eq": 1])
        let wide = MetadataValue.object(
            ["or": .array(Array(repeating: leaf, count: Filter.Limits.nodeCount))]
        )
        let long = MetadataValue.object([
            "key": "a", "in": .array(Array(repeating: 1, count: Filter.Limits.operandCount + 1)),
        ])
        let heavy = MetadataValue.object([
            "key": "a", "eq": .string(String(repeating: "x", count: Filter.Limits.byteCount + 1)),
        ])
        for filter in [deep, wide, long, heavy] {
            #expect {
                try Filter(parsing: filter)
            } throws: {
                ($0 as? VectorStoreError)?.code == .limitExceeded
            }
        }
    }
}
