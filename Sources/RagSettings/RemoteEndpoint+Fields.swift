internal import RagCore

extension RemoteEndpoint {
    /// Keys that make sense with `url` only.
    private static let keys = [
        "api", "remote_model", "api_key_env", "api_key_file", "vector_format", "batch_texts",
        "batch_tokens", "requests_in_flight", "connect_timeout", "timeout", "attempts",
    ]

    /// Reads what one `[[model]]` says of its server; nil when it has none.
    init?(_ fields: inout TOMLFields) throws(SettingsError) {
        guard let url = try fields.string("url") else {
            if let name = Self.keys.first(where: { fields.has($0) }) {
                throw fields.error(name, "is of a model of another server; give its url, too")
            }
            return nil
        }
        self.init(url: url)
        api = try fields.choice("api") ?? api
        model = try fields.string("remote_model")
        // Not shown when it is wrong: it may be the key itself.
        let variable = try fields.string("api_key_env", isSecret: true)
        guard variable.map(Self.isVariable) ?? true else {
            throw fields.error(
                "api_key_env",
                "must be the name of an environment variable, and not the key itself"
            )
        }
        let file = try fields.string("api_key_file", expected: "a file's path") {
            $0.isEmpty || $0.utf8.contains(0) ? nil : $0
        }
        guard variable == nil || file == nil else {
            throw fields.error("api_key_file", "and api_key_env both name a key; give one of them")
        }
        key = variable.map { .environment($0) } ?? file.map { .file($0) }
        vectorFormat = try fields.choice("vector_format") ?? vectorFormat
        batchTextsMax =
            try fields.integer("batch_texts", in: Self.batchTextsRange) ?? batchTextsMax
        batchTokensMax =
            try fields.integer("batch_tokens", in: Self.batchTokensRange) ?? batchTokensMax
        requestsMax =
            try fields.integer("requests_in_flight", in: Self.requestsRange) ?? requestsMax
        connectSecondsMax =
            try fields.integer("connect_timeout", in: Self.secondsRange) ?? connectSecondsMax
        answerSecondsMax =
            try fields.integer("timeout", in: Self.secondsRange) ?? answerSecondsMax
        attemptsMax = try fields.integer("attempts", in: Self.attemptsRange) ?? attemptsMax
    }

    private static func isVariable(_ text: String) -> Bool {
        text.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]{0,127}/) != nil
    }
}
