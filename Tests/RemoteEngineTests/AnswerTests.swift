import RemoteEngine
import Testing

@Suite("Answers of servers")
struct AnswerTests {
    private func vectors(
        _ text: String,
        count: Int = 2,
        dimension: Int? = nil
    ) throws(RemoteError) -> [[Float]] {
        try EmbeddingsAnswer.vectors(Array(text.utf8), count: count, dimension: dimension)
    }

    private func code<Value>(_ body: () throws(RemoteError) -> Value) -> RemoteError.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return error.code
        }
    }

    @Test("vectors come in the order of their index, at unit length")
    func order() throws {
        let text = """
            {"object":"list","data":[{"index":1,"embedding":[0,2]},{"index":0,"embedding":[3,4]}],
            "usage":{"total_tokens":2}}
            """
        let found = try vectors(text)
        #expect(found == [[0.6, 0.8], [0, 1]])
    }

    @Test("base64 is the bytes of f32, lowest first")
    func base64() throws {
        let text = #"{"data":[{"index":0,"embedding":"AABAQAAAgEA="}]}"#
        let found = try vectors(text, count: 1)
        #expect(found == [[0.6, 0.8]])
    }

    @Test(
        "what is wrong with vectors has a name",
        arguments: [
            ("", .malformed), ("<html>", .malformed), ("{}", .malformed),
            (#"{"data":[{"index":0,"embedding":[1,0]}"#, .malformed),
            (#"{"data":[{"index":0,"embedding":[1,0]}]}"#, .wrongCount),
            (
                #"{"data":[{"index":0,"embedding":[1,0]},{"index":0,"embedding":[1,0]}]}"#,
                .wrongCount
            ),
            (
                #"{"data":[{"index":0,"embedding":[1,0]},{"index":2,"embedding":[1,0]}]}"#,
                .malformed
            ),
            (#"{"data":[{"embedding":[1,0]},{"embedding":[1,0]}]}"#, .malformed),
            (#"{"data":[{"index":0},{"index":1}]}"#, .malformed),
            (#"{"data":[{"index":0,"embedding":["a"]},{"index":1,"embedding":[1]}]}"#, .malformed),
            (#"{"data":[{"index":0,"embedding":"AAA"},{"index":1,"embedding":[1]}]}"#, .malformed),
            (
                #"{"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[1,0,0]}]}"#,
                .wrongDimension
            ),
            (
                #"{"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[]}]}"#,
                .wrongDimension
            ),
            (
                #"{"data":[{"index":0,"embedding":[null,1]},{"index":1,"embedding":[1,0]}]}"#,
                .notFinite
            ),
            (
                #"{"data":[{"index":0,"embedding":[1e300,1]},{"index":1,"embedding":[1,0]}]}"#,
                .notFinite
            ),
            (
                #"{"data":[{"index":0,"embedding":[0,0]},{"index":1,"embedding":[1,0]}]}"#,
                .notFinite
            ),
            // A NaN in base64.
            (
                #"{"data":[{"index":0,"embedding":"AADAfwAAgD8="},{"index":1,"embedding":[1,0]}]}"#,
                .notFinite
            ),
        ] as [(String, RemoteError.Code)]
    )
    func wrongVectors(text: String, expected: RemoteError.Code) {
        #expect(code { () throws(RemoteError) in try vectors(text) } == expected)
    }

    @Test("a dimension that is known must be met")
    func knownDimension() {
        let text = #"{"data":[{"index":0,"embedding":[1,0,0]}]}"#
        #expect(
            code { () throws(RemoteError) in try vectors(text, count: 1, dimension: 2) }
                == .wrongDimension
        )
        #expect(code { () throws(RemoteError) in try vectors(text, count: 1, dimension: 3) } == nil)
    }

    @Test("scores come as Cohere and Jina give them, and as a bare array")
    func scores() throws {
        for text in [
            #"{"results":[{"index":1,"relevance_score":0.5},{"index":0,"relevance_score":-2}]}"#,
            #"[{"index":1,"score":0.5,"text":"b"},{"index":0,"score":-2}]"#,
        ] {
            let found = try RerankAnswer.scores(Array(text.utf8), count: 2)
            #expect(found == [-2, 0.5])
        }
    }

    @Test(
        "what is wrong with scores has a name",
        arguments: [
            ("{", .malformed), (#"{"results":{}}"#, .malformed), ("[]", .wrongCount),
            (#"[{"index":0}]"#, .malformed), (#"[{"index":0,"score":null}]"#, .notFinite),
            (#"[{"index":1,"score":1}]"#, .malformed), (#"[{"index":0,"score":"1"}]"#, .malformed),
        ] as [(String, RemoteError.Code)]
    )
    func wrongScores(text: String, expected: RemoteError.Code) {
        #expect(
            code { () throws(RemoteError) in
                try RerankAnswer.scores(Array(text.utf8), count: 1)
            } == expected
        )
    }
}
