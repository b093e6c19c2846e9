/// How fast the workers get through tokens of one encoder, for saying how long a text will wait.
///
/// A moving average over batches, weighted by their tokens: a batch of one short query says little
/// about the time that a full queue takes.
package struct ThroughputMeter: Sendable {
    /// Tokens over which an old measurement loses about two thirds of its weight: some ten seconds
    /// of work of a small encoder on two cores.
    private static let memoryTokens = 65_536.0

    /// Assumed until the first batch: a 23M-parameter encoder on one slow core.
    private static let tokensPerSecondAssumed = 2_000.0

    private let workerCount: Int
    private var secondsPerToken: Double?

    package init(workerCount: Int) {
        self.workerCount = workerCount
    }

    /// Tokens a second of all workers together.
    package var tokensPerSecond: Double {
        secondsPerToken.map { Double(workerCount) / $0 } ?? Self.tokensPerSecondAssumed
    }

    /// Seconds that all workers together take for so many tokens.
    package func seconds(tokens: Int) -> Double { Double(tokens) / tokensPerSecond }

    /// One worker took `seconds` for a batch.
    package mutating func record(tokens: Int, seconds: Double) {
        guard tokens > 0, seconds > 0 else { return }
        let measured = seconds / Double(tokens)
        guard let known = secondsPerToken else {
            secondsPerToken = measured
            return
        }
        let weight = min(1, Double(tokens) / Self.memoryTokens)
        secondsPerToken = known + weight * (measured - known)
    }
}
