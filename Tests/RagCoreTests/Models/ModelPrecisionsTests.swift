import RagCore
import Testing

@Suite("Model precisions")
struct ModelPrecisionsTests {
    @Test(
        "a list is one precision for all, and others by name",
        arguments: [
            ("auto", "auto"), ("int8", "int8"), ("bge=f32", "auto,bge=f32"),
            ("bf16,b=int8,a=auto", "bf16,a=auto,b=int8"), ("b=int8,f32", "f32,b=int8"),
            ("odd=name=f32", nil), ("", nil), ("fp8", nil), ("f32,bf16", nil), ("=f32", nil),
            ("a=f32,a=f32", nil), ("f32,", nil), ("a=", nil),
        ]
    )
    func list(text: String, expected: String?) {
        #expect(ModelPrecisions(text)?.description == expected)
    }
}
