internal import Synchronization

/// Something that can write its samples.
protocol Instrument: Sendable {
    /// Writes one line a sample; `labels` is what goes between the braces.
    func write(name: String, labels: String, to text: inout String)
}

/// A value that only grows.
public final class Counter: Instrument {
    private let value = Atomic<Int>(0)

    /// Adds to the value; `amount` is at least 0.
    public func add(_ amount: Int = 1) {
        precondition(amount >= 0, "a counter cannot shrink by \(-amount)")
        value.add(amount, ordering: .relaxed)
    }

    /// The value now.
    public var current: Int { value.load(ordering: .relaxed) }

    func write(name: String, labels: String, to text: inout String) {
        text += PrometheusText.line(name, labels, Double(current))
    }
}

/// A value that is set.
public final class Gauge: Instrument {
    private let bits = Atomic<UInt64>(0)

    /// Sets the value.
    public func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    /// The value now.
    public var current: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func write(name: String, labels: String, to text: inout String) {
        text += PrometheusText.line(name, labels, current)
    }
}

/// Observations counted in fixed buckets, with their sum.
public final class Histogram: Instrument {
    /// Seconds from half a millisecond to ten: a cached search at one end, the embedding of a large
    /// group of documents at the other, in steps of 2 to 2.5.
    public static let latencyBuckets: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    /// Powers of two for counts of tokens or texts in a batch.
    public static let sizeBuckets: [Double] = [
        1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096,
    ]

    private struct State {
        var counts: [Int]
        var sum = 0.0
    }

    private let buckets: [Double]
    private let state: Mutex<State>

    init(buckets: [Double]) {
        precondition(
            zip(buckets, buckets.dropFirst()).allSatisfy(<),
            "bucket bounds must ascend: \(buckets)"
        )
        self.buckets = buckets
        state = Mutex(State(counts: Array(repeating: 0, count: buckets.count + 1)))
    }

    /// Counts one value.
    public func observe(_ value: Double) {
        let index = buckets.firstIndex { value <= $0 } ?? buckets.count
        state.withLock { state in
            state.counts[index] += 1
            state.sum += value
        }
    }

    /// Counts one duration, in seconds.
    public func observe(_ duration: Duration) {
        observe(duration.seconds)
    }

    /// How many values were counted.
    public var count: Int { state.withLock { $0.counts.reduce(0, +) } }

    func write(name: String, labels: String, to text: inout String) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        let prefix = labels.isEmpty ? "" : labels + ","
        var cumulative = 0
        for (index, count) in counts.enumerated() {
            cumulative += count
            let bound = index < buckets.count ? PrometheusText.number(buckets[index]) : "+Inf"
            text += PrometheusText.line(
                name + "_bucket",
                prefix + "le=\"\(bound)\"",
                Double(cumulative)
            )
        }
        text += PrometheusText.line(name + "_sum", labels, sum)
        text += PrometheusText.line(name + "_count", labels, Double(cumulative))
    }
}

extension Duration {
    /// The duration in seconds.
    package var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }

    /// The duration in milliseconds.
    package var milliseconds: Double { seconds * 1_000 }
}
