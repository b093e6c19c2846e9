import ModelHub
import Testing

@Suite("Repository references")
struct RepositoryReferenceTests {
    @Test(
        "read a repository and a revision",
        arguments: [
            ("o/m", "o/m", "main", "m"), ("m", "m", "main", "m"), ("o/m@v1.0", "o/m", "v1.0", "m"),
            ("o/m@refs/pr/1", "o/m", "refs/pr/1", "m"),
            (
                "Qwen/Qwen3-Embedding-0.6B", "Qwen/Qwen3-Embedding-0.6B", "main",
                "Qwen3-Embedding-0.6B"
            ),
        ]
    )
    func reads(text: String, repository: String, revision: String, name: String) throws {
        let reference = try RepositoryReference(text)
        #expect(reference.repository == repository)
        #expect(reference.revision == revision)
        #expect(reference.name == name)
    }

    @Test(
        "refuse what cannot be one",
        arguments: [
            "", "/", "o/", "/m", "a/b/c", "../m", "o/..", "o m", "o/m@", "o/m@a b", "o/m@../x",
            "o/m@/x", "https://hub/o/m", "o/m?x", "-o/m", "o/.m", String(repeating: "a", count: 97),
        ]
    )
    func refuses(text: String) {
        #expect(throws: HubError.self) { try RepositoryReference(text) }
    }

    @Test("refuse a second revision")
    func refusesTwo() {
        #expect(throws: HubError.self) { try RepositoryReference("o/m@a", revision: "b") }
    }
}
