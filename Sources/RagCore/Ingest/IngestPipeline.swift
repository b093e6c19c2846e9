internal import Embedder
internal import VectorStore

/// Documents on their way into one collection.
///
/// A request passes these steps, on the service's ingest threads:
///
/// 1. `IngestPlan`: every document is checked, and compared by content hash with what is stored; what
///    is unchanged is done, and a change of source or metadata alone keeps its chunks.
/// 2. `DocumentChunker`: the others are cut, and gathered into groups of bounded size.
/// 3. `ChunkEmbedder`: a group's texts are embedded, each distinct text once, and not at all when
///    the collection has its vector already.
/// 4. One transaction a group; an outcome is reported when it is on disk.
///
/// Groups go one after the other. When the service shuts down, the group at hand is finished and the
/// rest is refused, each document by name.
struct IngestPipeline {
    private let engine: Engine
    private let collection: Collection
    private let model: TextEmbedder
    private let gate: RequestGate

    init(_ engine: Engine, collection: String, gate: RequestGate) throws(RagError) {
        self.engine = engine
        self.collection = try engine.collection(collection)
        self.model = try engine.models.embedder(self.collection.configuration.model)
        self.gate = gate
    }

    /// Ingests the documents of one request.
    ///
    /// - Returns: one outcome a document, in order.
    /// - Throws: `invalid` or `tooLarge` for the request as a whole; `cancelled`; and `overloaded` or
    ///   `unavailable` when that is why nothing was stored.
    func run(_ documents: [DocumentInput]) async throws(RagError) -> [DocumentOutcome] {
        let collection = collection
        var plan = try IngestPlan(documents, limits: engine.limits)
        let stored = try translating { () throws(VectorStoreError) in
            try collection.contentHashes(ids: plan.ids)
        }
        plan.settleUnchanged(stored)
        // Nothing to embed, so that nothing of the model matters.
        guard !plan.open.isEmpty else { return plan.outcomes }

        let chunker = try DocumentChunker(model, for: collection.configuration)
        var group = IngestGroup()
        for task in plan.open {
            if gate.isOpen {
                let start = ContinuousClock.now
                do throws(RagError) {
                    group.append(try task.write(with: chunker), of: task)
                } catch {
                    guard error.kind == .invalid else { throw error }
                    plan.fail(task, error)
                }
                engine.times.observe(.tokenise, start.duration(to: .now))
            } else {
                plan.fail(task, .stopping)
            }
            if group.isFull(engine.limits) {
                try await store(group, &plan)
                group = IngestGroup()
            }
        }
        try await store(group, &plan)
        return plan.outcomes
    }

    /// Embeds and writes one group, and settles its documents.
    private func store(_ group: IngestGroup, _ plan: inout IngestPlan) async throws(RagError) {
        guard !group.isEmpty else { return }
        let writes: [DocumentWrite]
        do throws(RagError) {
            guard !Task.isCancelled else { throw .cancelled }
            let embedder = ChunkEmbedder(engine, model, collection)
            writes = try await embedder.embed(group.documents)
        } catch {
            switch error.kind {
            case .cancelled: throw error
            case .overloaded, .unavailable:
                // With nothing stored the request as a whole can be sent again.
                guard plan.hasStored else { throw error }
                for task in group.tasks { plan.fail(task, error) }
            default:
                for task in group.tasks { plan.fail(task, error) }
            }
            return
        }
        let start = ContinuousClock.now
        await write(writes, of: group.tasks, &plan)
        engine.times.observe(.commit, start.duration(to: .now))
    }

    /// Writes a group in one transaction, or document by document when the store refuses it, so that
    /// only the document that is to blame fails.
    private func write(
        _ writes: [DocumentWrite],
        of tasks: [IngestTask],
        _ plan: inout IngestPlan
    ) async {
        let collection = collection
        do throws(VectorStoreError) {
            let outcomes = try await collection.upsert(writes)
            for (index, outcome) in outcomes.enumerated() {
                plan.succeed(tasks[index], writes[index], outcome)
            }
        } catch {
            guard writes.count > 1 else {
                for task in tasks { plan.fail(task, RagError(error)) }
                return
            }
            for (write, task) in zip(writes, tasks) {
                await self.write([write], of: [task], &plan)
            }
        }
    }
}

/// Documents that are embedded and written together.
private struct IngestGroup {
    private(set) var tasks: [IngestTask] = []
    private(set) var documents: [PreparedDocument] = []
    private var tokenCount = 0

    /// Most documents of a group: what keeps the writer busy for some tens of milliseconds.
    private static let documentsMax = 256

    var isEmpty: Bool { tasks.isEmpty }

    func isFull(_ limits: Limits) -> Bool {
        tokenCount >= limits.ingestGroupTokensMax || tasks.count >= Self.documentsMax
    }

    mutating func append(_ document: PreparedDocument, of task: IngestTask) {
        tasks.append(task)
        documents.append(document)
        tokenCount += document.encodedTokenCount
    }
}
