import RagCore
import RagSettings
import Testing

@Suite("Entries of models that another server computes")
struct RemoteEntryTests {
    private static let start = "[[model]]\nid = 'a'\nurl = 'http://gpu:8000/v1'\n"

    private func refusal(_ text: String) -> String {
        do throws(SettingsError) {
            _ = try DaemonFile(path: "ragd.toml", text: text)
            return ""
        } catch {
            return error.description
        }
    }

    @Test("an entry has its url, its tokenizer and its limit; the rest has defaults")
    func entry() throws {
        let text = Self.start + "tokenizer = 'tok'\nmax_tokens = 8192\napi_key_env = 'GPU_KEY'"
        let file = try DaemonFile(path: "ragd.toml", text: text)
        let entry = try #require(file.entries.first)
        #expect(entry.tokenizer == "tok" && entry.tokensMax == 8_192 && entry.dimensions == nil)
        let expected = RemoteEndpoint(url: "http://gpu:8000/v1", key: .environment("GPU_KEY"))
        #expect(entry.remote == expected)
        #expect(file.warnings.contains { $0.contains("without encryption") })
    }

    @Test("a reranker needs its url only")
    func reranker() throws {
        let text = Self.start + "kind = 'reranker'\napi = 'tei'\ntimeout = 7"
        let entry = try #require(try DaemonFile(path: "ragd.toml", text: text).entries.first)
        #expect(entry.remote?.api == .tei && entry.remote?.answerSecondsMax == 7)
    }

    @Test(
        "what makes no sense is refused with its line and the mend",
        arguments: [
            (start, ["tokenizer.json", "reranker"]),
            (start + "tokenizer = 't'", ["max_tokens"]),
            (
                start + "tokenizer = '../t'\nmax_tokens = 64",
                ["ragd.toml:4", "'../t'", "set tokenizer"]
            ),
            (start + "folder = 'f'", ["ragd.toml:4", "folder"]),
            (start + "precision = 'bf16'", ["ragd.toml:4", "precision"]),
            (start + "kind = 'reranker'\nmax_tokens = 64", ["ragd.toml:5", "max_tokens"]),
            (start + "kind = 'reranker'\ninstruction = 'i'", ["ragd.toml:5", "instruction"]),
            (start + "tokenizer = 't'\nmax_tokens = 64\napi = 'tei'", ["ragd.toml:6", "openai"]),
            (start + "requests_in_flight = 1", ["ragd.toml:4", "2 to 64"]),
            (start + "api_key_env = 'sk-1 2'", ["ragd.toml:4", "environment variable"]),
            (start + "api_key_env = 'A'\napi_key_file = '/k'", ["ragd.toml:5", "one of them"]),
            ("[[model]]\nid = 'a'\ntimeout = 5", ["ragd.toml:3", "url"]),
            ("[[model]]\nid = 'a'\ntokenizer = 't'", ["ragd.toml:3", "no url"]),
            ("[[model]]\nid = 'a'\nurl = 'ftp://h'", ["ragd.toml:3", "http://"]),
            ("[[model]]\nid = 'a'\nurl = 'h:80'", ["ragd.toml:3", "http://"]),
            ("[[model]]\nid = 'a'\nurl = 'http://h/v1?key=1'", ["ragd.toml:3", "api_key_env"]),
        ] as [(String, [String])]
    )
    func refuses(text: String, parts: [String]) {
        let message = refusal(text)
        for part in parts { #expect(message.contains(part), "\(message)") }
    }

    @Test("a password in an address is not repeated")
    func password() {
        let message = refusal("[[model]]\nid = 'a'\nurl = 'http://user:hunter2@h/v1'")
        #expect(message.contains("ragd.toml:3") && !message.contains("hunter2"))
    }
}
