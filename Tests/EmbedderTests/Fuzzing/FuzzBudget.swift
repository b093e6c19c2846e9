import Foundation
import TestSupport
import Testing

/// How much a fuzzing test tries: some inputs in a fast run; with `RAGD_SLOW_TESTS=1` as many as
/// `RAGD_FUZZ_SECONDS` (10 when it is not set) leave time for.
///
/// Input `n` is drawn from the seed `RAGD_FUZZ_SEED` + n (1 when it is not set). A slow run writes each
/// seed to `RAGD_FUZZ_TRACE`, where that names a file, before it is tried: after a crash it is there.
enum FuzzBudget {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seconds: Double? =
        environment["RAGD_SLOW_TESTS"] == "1"
        ? environment["RAGD_FUZZ_SECONDS"].flatMap(Double.init) ?? 10 : nil
    private static let seed = environment["RAGD_FUZZ_SEED"].flatMap(UInt64.init) ?? 1

    /// Tries inputs until the budget is used up, or one of them fails the test.
    ///
    /// - Parameters:
    ///   - subject: what is fuzzed, for the line that a slow run prints.
    ///   - count: inputs of a fast run.
    ///   - body: makes an input of what it draws, and tries it.
    /// - Throws: when the seed cannot be written down; what `body` throws fails the test instead.
    static func run(
        _ subject: String,
        count: Int = 60,
        _ body: (inout SeededRandom) throws -> Void
    ) throws {
        let start = ContinuousClock.now
        var tried: UInt64 = 0
        var isDone: Bool {
            guard let seconds else { return tried >= count }
            return start.duration(to: .now) >= .seconds(seconds)
        }
        while !isDone {
            let inputSeed = seed &+ tried
            try trace(inputSeed)
            var random = SeededRandom(seed: inputSeed)
            do {
                try body(&random)
            } catch {
                Issue.record("\(subject), seed \(inputSeed): \(error)")
                return
            }
            tried += 1
        }
        guard seconds != nil else { return }
        let elapsed = start.duration(to: .now).components.seconds
        print("fuzz \(subject): \(tried) inputs in \(elapsed) s, seeds from \(seed)")
    }

    private static func trace(_ seed: UInt64) throws {
        guard seconds != nil, let path = environment["RAGD_FUZZ_TRACE"] else { return }
        try "\(seed)\n".write(toFile: path, atomically: false, encoding: .utf8)
    }
}

/// What an input did that it should not have done.
struct FuzzFailure: Error, CustomStringConvertible {
    let description: String
}
