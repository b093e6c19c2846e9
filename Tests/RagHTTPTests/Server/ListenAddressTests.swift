import RagHTTP
import Testing

@Suite("Listen address")
struct ListenAddressTests {
    @Test(
        "reads host and port",
        arguments: [
            ("127.0.0.1:7711", "127.0.0.1", 7711), ("localhost:0", "localhost", 0),
            ("[::1]:80", "::1", 80), ("0.0.0.0:65535", "0.0.0.0", 65535),
        ]
    )
    func reads(text: String, host: String, port: Int) {
        let address = ListenAddress(text)
        #expect(address == ListenAddress(host: host, port: port))
        #expect(address?.description == text)
    }

    @Test(
        "refuses what is neither",
        arguments: [
            "", "7711", ":7711", "host", "host:", "host:65536", "host:-1", "::1:80", "h:1x",
        ]
    )
    func refuses(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test(
        "knows which addresses only this machine can reach",
        arguments: [
            ("127.0.0.1", true), ("127.8.9.1", true), ("localhost", true), ("::1", true),
            ("0.0.0.0", false), ("::", false), ("10.0.0.1", false),
            ("127.0.0.1.example.org", false),
            ("127.example.org", false), ("localhost.example.org", false),
        ]
    )
    func knowsLoopback(host: String, isLoopback: Bool) {
        #expect(ListenAddress(host: host, port: 1).isLoopback == isLoopback)
    }

    @Test("is refused without a key when others can reach it, with the way out")
    func refusesPublicBind() {
        let address = ListenAddress(host: "0.0.0.0", port: 7711)
        #expect {
            try RagHTTPServer.Configuration(address: address).validate()
        } throws: { error in
            "\(error)".contains("RAGD_API_KEY") && "\(error)".contains("127.0.0.1:7711")
        }
        #expect(throws: Never.self) {
            try RagHTTPServer.Configuration(address: address, apiKey: "key").validate()
        }
        #expect(throws: ConfigurationError.self) {
            try RagHTTPServer.Configuration(apiKey: "").validate()
        }
    }
}
