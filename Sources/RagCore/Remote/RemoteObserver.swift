internal import Logging

/// What is counted and logged of one server.
struct RemoteObserver: Sendable {
    private let name: String
    private let logger: Logger
    private let attempts: Counter
    private let failures: Counter
    private let retries: Counter
    private let seconds: Histogram
    private let isAvailable: Gauge

    init(_ name: String, _ metrics: Metrics, _ logger: Logger) {
        self.name = name
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
        case .retry(let wait, let reason):
            retries.add()
            logger.warning(
                "remote model is asked again",
                metadata: [
                    "model": "\(name)", "reason": "\(reason)",
                    "milliseconds": "\(Int(wait.milliseconds))",
                ]
            )
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
