import RagCore
import TestSupport
import Testing

@Suite("The share of ingest")
struct IngestShareTests {
    @Test("a query now and then never makes ingest due")
    func rareQueries() {
        var share = IngestShare()
        for _ in 0..<1_000 {
            share.queriesTook(.milliseconds(2))
            #expect(!share.isDue)
            share.ingestTook(.milliseconds(10))
        }
    }

    @Test("ingest is due once its share has run up, until it has had it")
    func dueAndPaid() {
        var share = IngestShare()
        share.queriesTook(.milliseconds(7))
        #expect(!share.isDue)
        share.queriesTook(.milliseconds(1))
        #expect(share.isDue)
        share.ingestTook(.microseconds(1_999))
        #expect(share.isDue)
        share.ingestTook(.microseconds(1))
        #expect(!share.isDue)
    }

    @Test("more time than is owed is no credit for later")
    func noCredit() {
        var share = IngestShare()
        share.ingestTook(.seconds(60))
        share.queriesTook(.milliseconds(8))
        #expect(share.isDue)
    }

    @Test("under any load of queries ingest gets a fifth of the time", arguments: 0..<50)
    func leastShare(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var share = IngestShare()
        var queries = Duration.zero
        var ingest = Duration.zero
        var longest = Duration.zero
        for _ in 0..<2_000 {
            if share.isDue {
                let step = Duration.microseconds(Int.random(in: 1...1_500, using: &random))
                ingest += step
                share.ingestTook(step)
            } else {
                let step = Duration.microseconds(Int.random(in: 1...30_000, using: &random))
                longest = max(longest, step)
                queries += step
                share.queriesTook(step)
            }
            // What is still owed is the last of it, and what the longest query added.
            let owed = IngestShare.debtMax + longest / IngestShare.queryTimePerIngestTime
            #expect(ingest + owed >= queries / IngestShare.queryTimePerIngestTime, "seed \(seed)")
        }
    }
}
