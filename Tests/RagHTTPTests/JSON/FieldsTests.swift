import RagHTTP
import StrictJSON
import Testing

@Suite("Fields of a request")
struct FieldsTests {
    private func fields(_ text: String) throws -> Fields {
        try Fields(try JSONReader.read(Array(text.utf8)))
    }

    @Test("take null for absent")
    func nullIsAbsent() throws {
        var fields = try fields(#"{"a":null}"#)
        #expect(try fields.string("a") == nil)
        try fields.refuseUnknown()
    }

    @Test("refuse an unknown name and suggest the nearest known one")
    func suggestsNearest() throws {
        var fields = try fields(#"{"limit":1,"rerenk":true}"#)
        _ = try fields.integer("limit")
        _ = try fields.bool("rerank")
        _ = try fields.integer("offset")
        let fields1 = fields
        #expect {
            try fields1.refuseUnknown()
        } throws: { error in
            let error = error as? APIError
            return error?.code == "unknown_field" && error?.param == "rerenk"
                && error?.message.contains("did you mean \"rerank\"?") == true
        }
    }

    @Test("name the whole path of what is wrong")
    func namesPath() throws {
        var outer = try fields(#"{"a":{"b":[1,"x"]}}"#)
        var inner = try #require(try outer.object("a"))
        let path = { (read: (inout Fields) throws(APIError) -> Void) -> String? in
            do throws(APIError) {
                try read(&inner)
                return nil
            } catch {
                return error.param
            }
        }
        #expect(path { fields throws(APIError) in _ = try fields.vector("b") } == "a.b[1]")
        #expect(path { fields throws(APIError) in _ = try fields.strings("b") } == "a.b[0]")
        #expect(path { fields throws(APIError) in _ = try fields.required("c") } == "a.c")
    }

    @Test("take whole floats for integers, and no others", arguments: ["3", "3.0", "30e-1"])
    func readsIntegers(text: String) throws {
        var fields = try fields("{\"n\":\(text)}")
        #expect(try fields.integer("n") == 3)
    }

    @Test(
        "refuse what is not the type asked for",
        arguments: ["3.5", "1e300", "\"3\"", "true", "[3]", "{}"]
    )
    func refusesOtherTypes(text: String) throws {
        var fields = try fields("{\"n\":\(text)}")
        #expect(throws: APIError.self) { try fields.integer("n") }
    }

    @Test("refuse a vector component that a 32-bit float cannot hold")
    func refusesLargeComponent() throws {
        var fields = try fields(#"{"v":[0.5,1e39]}"#)
        #expect {
            try fields.vector("v")
        } throws: { error in
            (error as? APIError)?.param == "v[1]"
        }
    }
}
