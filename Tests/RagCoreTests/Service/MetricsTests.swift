import RagCore
import Testing

@Suite("Metrics")
struct MetricsTests {
    @Test("the export is Prometheus' text, sorted, with cumulative buckets")
    func export() {
        let metrics = Metrics()
        let requests = metrics.counter("b_total", help: "Requests.", labels: ["route": "a\"b\\c\n"])
        requests.add(2)
        metrics.gauge("c", help: "Level.").set(1.5)
        let times = metrics.histogram("a_seconds", help: "Times.", buckets: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 7] { times.observe(value) }
        #expect(
            metrics.text() == """
                # HELP a_seconds Times.
                # TYPE a_seconds histogram
                a_seconds_bucket{le="0.1"} 2
                a_seconds_bucket{le="1"} 3
                a_seconds_bucket{le="+Inf"} 4
                a_seconds_sum 7.65
                a_seconds_count 4
                # HELP b_total Requests.
                # TYPE b_total counter
                b_total{route="a\\"b\\\\c\\n"} 2
                # HELP c Level.
                # TYPE c gauge
                c 1.5

                """
        )
    }

    @Test("an instrument asked for again is the same one")
    func sameInstrument() {
        let metrics = Metrics()
        metrics.counter("n_total", help: "N.", labels: ["k": "v"]).add(1)
        metrics.counter("n_total", help: "N.", labels: ["k": "v"]).add(2)
        #expect(metrics.counter("n_total", help: "N.", labels: ["k": "v"]).current == 3)
        #expect(metrics.counter("n_total", help: "N.").current == 0)
    }

    @Test("gauges are set before each export")
    func refresh() {
        let metrics = Metrics()
        let gauge = metrics.gauge("level", help: "Level.")
        metrics.beforeExport { gauge.set(gauge.current + 1) }
        _ = metrics.text()
        #expect(metrics.text().contains("level 2\n"))
    }

    @Test("every stage of a request is counted")
    func stages() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            _ = try await fixture.search(SearchRequest(query: "yeast", rerank: .init()))
            let text = fixture.service.metrics.text()
            for stage in Stage.allCases where stage != .parse {
                let name = "ragd_stage_seconds_count{stage=\"\(stage.rawValue)\"} "
                #expect(text.contains(name) && !text.contains(name + "0\n"), "\(stage)")
            }
            #expect(text.contains("ragd_queue_tokens{class=\"query\"} 0\n"))
        }
    }
}
