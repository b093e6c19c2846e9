/// The instruments of a `BatchScheduler`.
struct SchedulerMetrics: Sendable {
    let times: StageTimes
    private let batchTokens: Histogram
    private let batchTexts: Histogram
    private let sharedBatches: Counter
    private let helps: Counter
    private let preemptions: Counter
    private let joinedTexts: Counter
    private let cacheHits: Counter
    private let cacheMisses: Counter

    init(_ metrics: Metrics) {
        times = StageTimes(metrics)
        batchTokens = metrics.histogram(
            "ragd_batch_tokens",
            help: "Tokens of an inference batch.",
            buckets: Histogram.sizeBuckets
        )
        batchTexts = metrics.histogram(
            "ragd_batch_texts",
            help: "Texts of an inference batch.",
            buckets: Histogram.sizeBuckets
        )
        sharedBatches = metrics.counter(
            "ragd_shared_batches_total",
            help: "Batches of queries that were open to several threads."
        )
        helps = metrics.counter(
            "ragd_shared_batch_helps_total",
            help: "Times that a thread helped with another one's batch."
        )
        preemptions = metrics.counter(
            "ragd_preemptions_total",
            help: "Times that a batch of ingest paused for queries."
        )
        joinedTexts = metrics.counter(
            "ragd_joined_texts_total",
            help: "Texts that were not embedded because their equals were in flight."
        )
        cacheHits = metrics.counter(
            "ragd_query_cache_hits_total",
            help: "Texts of queries whose vectors were known."
        )
        cacheMisses = metrics.counter(
            "ragd_query_cache_misses_total",
            help: "Texts of queries whose vectors were not known."
        )
    }

    func countRequest(_ counts: SchedulerState.Counts, _ priority: BatchPriority) {
        joinedTexts.add(counts.joined)
        guard priority == .query else { return }
        cacheHits.add(counts.cached)
        cacheMisses.add(counts.joined + counts.new)
    }

    func countStart(of work: SchedulerState.Work, at start: ContinuousClock.Instant) {
        for arrival in work.arrivals { times.observe(.queue, arrival.duration(to: start)) }
        batchTokens.observe(Double(work.batch.tokenCount))
        batchTexts.observe(Double(work.batch.texts.count))
    }

    func countShared() { sharedBatches.add() }

    func countHelp() { helps.add() }

    func countPreemption() { preemptions.add() }
}
