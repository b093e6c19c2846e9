internal import Synchronization

/// The daemon's counters, gauges and histograms, and their Prometheus text.
///
/// A registry of its own rather than a library's: three instruments and one exporter are less code
/// than the adapters to a metrics API would be. Asking for an instrument again, with the same name
/// and labels, gives the same one; keep the handle, since the look-up takes a lock.
///
/// Thread safety: the registry is guarded by a `Mutex`; counters and gauges are atomics, and each
/// histogram has a lock of its own.
public final class Metrics: Sendable {
    /// Names and values that tell one instrument of a name from another, such as `["stage": "ann"]`.
    ///
    /// The values must come from a fixed, small set: each combination is an instrument for good.
    public typealias Labels = [String: String]

    private struct Registry {
        var families: [String: Family] = [:]
        var refreshes: [@Sendable () -> Void] = []
    }

    private let registry = Mutex(Registry())

    /// Makes an empty registry.
    public init() {}

    /// A value that only grows.
    public func counter(_ name: String, help: String, labels: Labels = [:]) -> Counter {
        instrument(name, help, labels, kind: .counter) { Counter() }
    }

    /// A value that is set.
    public func gauge(_ name: String, help: String, labels: Labels = [:]) -> Gauge {
        instrument(name, help, labels, kind: .gauge) { Gauge() }
    }

    /// Observations counted in fixed buckets.
    ///
    /// - Parameters:
    ///   - name: ends in the unit, such as `_seconds`.
    ///   - help: one line for the reader of the export.
    ///   - labels: what tells this histogram from others of its name.
    ///   - buckets: upper bounds, ascending; the bucket of everything larger is added.
    /// - Returns: the histogram of that name and those labels.
    public func histogram(
        _ name: String,
        help: String,
        labels: Labels = [:],
        buckets: [Double] = Histogram.latencyBuckets
    ) -> Histogram {
        instrument(name, help, labels, kind: .histogram) { Histogram(buckets: buckets) }
    }

    /// Calls `refresh` before each export, to set gauges whose values are elsewhere.
    public func beforeExport(_ refresh: @escaping @Sendable () -> Void) {
        registry.withLock { $0.refreshes.append(refresh) }
    }

    /// Everything in Prometheus' text format 0.0.4, sorted by name and labels.
    public func text() -> String {
        for refresh in registry.withLock({ $0.refreshes }) { refresh() }
        let families = registry.withLock { $0.families }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            family.write(name: name, to: &text)
        }
        return text
    }

    private func instrument<Value: Instrument>(
        _ name: String,
        _ help: String,
        _ labels: Labels,
        kind: Family.Kind,
        make: () -> Value
    ) -> Value {
        registry.withLock { registry in
            var family = registry.families[name] ?? Family(kind: kind, help: help)
            if let instrument = family.instruments[labels] as? Value { return instrument }
            precondition(family.kind == kind, "\(name) is a \(family.kind) and a \(kind)")
            let instrument = make()
            family.instruments[labels] = instrument
            registry.families[name] = family
            return instrument
        }
    }
}

/// The instruments of one name.
private struct Family {
    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    let kind: Kind
    let help: String
    var instruments: [Metrics.Labels: any Instrument] = [:]

    func write(name: String, to text: inout String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        let lines = instruments.map { (labels: PrometheusText.labels($0.key), value: $0.value) }
        for (labels, instrument) in lines.sorted(by: { $0.labels < $1.labels }) {
            instrument.write(name: name, labels: labels, to: &text)
        }
    }
}
