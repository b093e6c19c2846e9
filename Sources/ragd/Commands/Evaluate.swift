import ArgumentParser
import RagCore
import RagHTTP
import VectorStore

/// Measures ranking quality and latency on a test collection.
struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measure ranking quality and latency on a test collection in BEIR's layout.",
        discussion: """
            DATASET holds corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv. Documents that the \
            collection lacks are ingested first. Latency is that of the whole request, one at a time.
            """
    )

    @Argument(help: "The folder of the test collection.")
    var dataset: String

    @Option(help: "Where to store and search; made when missing.")
    var collection: String

    @Option(help: "The judgements to use: qrels/SPLIT.tsv.")
    var split = "test"

    @Option(help: "The model of a collection that has to be made.")
    var model: String?

    @Option(help: "How words of a collection that has to be made are stemmed.", transform: choice)
    var language: TextLanguage?

    @Option(help: "Candidates that are ranked again.")
    var candidates = 100

    @OptionGroup var daemon: ClientOptions

    func run() async throws {
        let client = try daemon.client()
        let dataset = try BEIRDataset(directory: dataset, split: split)
        guard !dataset.queries.isEmpty else {
            throw CommandFailure("no query of this test collection has a relevant document")
        }
        try await ingest(dataset.documents, client)
        if !daemon.json {
            print("\(dataset.documents.count) documents, \(dataset.queries.count) queries")
            print(EvaluationRow.heading)
        }
        for method in EvaluationMethod.all(candidates: candidates) {
            let row = try await EvaluationRow.measure(
                method,
                queries: dataset.queries,
                client: client,
                collection: collection
            )
            if daemon.json { try Console.json(row) } else { print(row) }
        }
    }

    private func ingest(_ documents: [DocumentInput], _ client: RagClient) async throws {
        var uploader = Uploader(client: client, collection: collection)
        try await uploader.prepare(model: model, language: language)
        let stored = try await client.collection(collection)?.documents ?? 0
        guard stored < documents.count else { return }
        var summary = IngestSummary(fileCount: documents.count)
        for document in documents {
            for outcome in try await uploader.add(document) { summary.add(outcome) }
            Console.progress("\(summary.seenCount) of \(summary.fileCount) documents")
        }
        for outcome in try await uploader.flush() { summary.add(outcome) }
        Console.endProgress()
        Console.note("\(collection): \(summary)")
        guard summary.failedCount == 0 else {
            throw CommandFailure("\(summary.failedCount) documents were not stored")
        }
    }
}
