import Foundation

/// What `ragd bench` found.
struct BenchmarkReport: Encodable {
    /// Where time went, on one thread.
    struct Stage: Encodable {
        let name: String
        /// Microseconds a token.
        let microseconds: Double
    }

    let model: String
    let precision: String
    let instructionSet: String
    let threads: Int
    /// Tokens of a text.
    let tokens: Int
    let tokensPerSecond: Double
    /// Median time of a text of 19 tokens on one thread.
    let shortTextMilliseconds: Double
    let stages: [Stage]

    private enum CodingKeys: String, CodingKey {
        case model
        case precision
        case instructionSet = "instruction_set"
        case threads
        case tokens
        case tokensPerSecond = "tokens_per_second"
        case shortTextMilliseconds = "short_text_ms"
        case stages
    }

    /// Prints it for a person.
    func show(withStages: Bool) {
        print("model        \(model), \(precision), \(instructionSet)")
        print(
            "throughput   \(Int(tokensPerSecond.rounded())) tokens/s on \(threads) threads, texts of "
                + "\(tokens) tokens"
        )
        let milliseconds = Float(shortTextMilliseconds).formatted(digits: 2)
        print("short text   \(milliseconds) ms for 19 tokens on one thread, median")
        guard withStages else { return }
        let total = stages.reduce(0) { $0 + $1.microseconds }
        print("\nstage        us/token   share")
        for stage in stages {
            let name = stage.name.padding(toLength: 13, withPad: " ", startingAt: 0)
            let time = Float(stage.microseconds).formatted(digits: 2)
            let share = Float(100 * stage.microseconds / total).formatted(digits: 1)
            print("\(name)\(time.leftPadded(8))\(share.leftPadded(7)) %")
        }
    }
}

extension String {
    fileprivate func leftPadded(_ width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
