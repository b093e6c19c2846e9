/// Values of `config.json` within the bounds that every architecture shares.
enum ConfigurationField {
    /// A size within its cap.
    ///
    /// The caps are a few times the largest published encoders, and keep a damaged file from asking
    /// for absurd memory.
    static func size(_ value: Int, _ name: String, max: Int) throws(EmbedderError) -> Int {
        guard value >= 1, value <= max else {
            throw EmbedderError(.invalidModel, "config.json: \(name) is \(value), not 1 to \(max)")
        }
        return value
    }

    /// What is added to a variance or a mean square before its root is taken.
    static func epsilon(_ value: Float, _ name: String) throws(EmbedderError) -> Float {
        guard value > 0, value <= 1 else {
            throw EmbedderError(
                .invalidModel,
                "config.json: \(name) is \(value), expected 0 < eps <= 1"
            )
        }
        return value
    }
}
