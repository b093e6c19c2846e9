import RagCore

extension ModelInfo {
    /// Writes the members of OpenAI's model object, then what it does not have.
    func write(to json: inout JSONWriter) {
        json.member("id", name)
        json.member("object", "model")
        // OpenAI's SDKs require the key; a model folder has no such date.
        json.member("created", 0)
        json.member("owned_by", "ragd")
        json.member("kind", kind.rawValue)
        json.array("aliases", aliases) { $0.value($1) }
        json.member("loaded", isLoaded)
        json.member("remote", isRemote)
        if let isReachable { json.member("available", isReachable) }
        json.member("dimensions", dimensions)
        json.member("max_tokens", tokensMax)
        json.member("parameters", parameterCount)
        json.member("bytes", byteCount)
        json.member("precision", precision)
    }
}
