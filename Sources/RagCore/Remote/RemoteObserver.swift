internal import Logging
internal import Synchronization

/// What is counted and logged of one server.
///
/// Its address is in the log only. A server that is down is one line, however many requests fail by it,
/// and one more when it is back.
///
/// Thread safety: the counters guard themselves, and whether it was down is in a `Mutex`.
final class RemoteObserver: Sendable {
    private let name: String
    private let url: String
    private let logger: Logger
    private let attempts: Counter
    private let failures: Counter
    private let retries: Counter
    private let seconds: Histogram
    private let isAvailable: Gauge
    private let isDown = Mutex(false)

    init(_ name: String, at url: String, _ metrics: Metrics, _ logger: Logger) {
        self.name = name
        self.url = url
        self.logger = logger
        let labels: Metrics.Labels = ["model": name]
        attempts = metrics.counter(
            "ragd_remote_requests_total",
            help: "Requests to the servers of remote models, repeated ones counted.",
            labels: labels
        )
        failures = metrics.counter(
            "ragd_remote_failures_total",
            help: "Requests to the servers of remote models without an answer that can be used.",
            labels: labels
        )
        retries = metrics.counter(
            "ragd_remote_retries_total",
            help: "Requests to the servers of remote models that were made again.",
            labels: labels
        )
        seconds = metrics.histogram(
            "ragd_remote_seconds",
            help: "Time of a request to the server of a remote model.",
            labels: labels
        )
        isAvailable = metrics.gauge(
            "ragd_remote_available",
            help: "Whether the server of a remote model answered the last request to it.",
            labels: labels
        )
    }

    /// Counts an event.
    func note(_ event: RemoteEvent) {
        switch event {
        case .attempt(let duration, let ending):
            attempts.add()
            if ending != .answered { failures.add() }
            seconds.observe(duration)
            isAvailable.set(ending == .failed ? 0 : 1)
            guard ending != .failed, set(down: false) else { return }
            logger.notice("remote model is back", metadata: ["model": "\(name)", "url": "\(url)"])
        case .retry(let wait, let reason):
            retries.add()
            logger.warning(
                "remote model is asked again",
                metadata: [
                    "model": "\(name)", "url": "\(url)", "reason": "\(reason)",
                    "milliseconds": "\(Int(wait.milliseconds))",
                ]
            )
        case .failed(let reason):
            guard set(down: true) else { return }
            logger.warning(
                "remote model cannot be asked",
                metadata: ["model": "\(name)", "url": "\(url)", "reason": "\(reason)"]
            )
        }
    }

    /// Notes whether the server is down, and says whether that is new.
    private func set(down: Bool) -> Bool {
        isDown.withLock { isDown in
            defer { isDown = down }
            return isDown != down
        }
    }

    /// Exports what waits for the server.
    func exportQueue(of scheduler: RemoteScheduler, _ metrics: Metrics) {
        let gauges = BatchPriority.allCases.map { priority in
            let gauge = metrics.gauge(
                "ragd_remote_queue_tokens",
                help: "Tokens that wait for the server of a remote model.",
                labels: ["model": name, "class": priority.rawValue]
            )
            return (priority, gauge)
        }
        metrics.beforeExport { [weak scheduler] in
            for (priority, gauge) in gauges {
                gauge.set(Double(scheduler?.waitingTokens(priority) ?? 0))
            }
        }
    }
}
