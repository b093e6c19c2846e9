import Embedder

/// The benchmark's command line.
struct BenchmarkOptions {
    let mode: String
    private let values: [String: String]

    private static let modes = ["embed", "tokenize", "rerank"]
    private static let names: Set<String> = [
        "--model", "--corpus", "--precision", "--threads", "--batch", "--tokens-max", "--repeats",
        "--texts",
    ]

    /// Reads a mode and pairs of a name and a value.
    init(_ arguments: [String]) throws(BenchmarkError) {
        guard let mode = arguments.first, Self.modes.contains(mode) else {
            throw BenchmarkError("the first argument is one of \(Self.modes)")
        }
        var values: [String: String] = [:]
        for index in stride(from: 1, to: arguments.count, by: 2) {
            guard Self.names.contains(arguments[index]), index + 1 < arguments.count else {
                throw BenchmarkError("\(arguments[index]) is no option, or has no value")
            }
            values[arguments[index]] = arguments[index + 1]
        }
        self.mode = mode
        self.values = values
    }

    func required(_ name: String) throws(BenchmarkError) -> String {
        guard let value = values[name] else { throw BenchmarkError("\(name) is missing") }
        return value
    }

    func optional(_ name: String) -> String? { values[name] }

    func number(_ name: String, default fallback: Int) throws(BenchmarkError) -> Int {
        try values[name].map(Self.number) ?? fallback
    }

    static func number(_ word: String) throws(BenchmarkError) -> Int {
        guard let value = Int(word), value >= 0 else {
            throw BenchmarkError("\(word.debugDescription) is no number")
        }
        return value
    }
}

/// What was asked for cannot be done.
struct BenchmarkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
