import Embedder
import Foundation
import Kernels
import Synchronization

/// Encodes one text at a time on several threads, of which all but the caller's stand ready.
///
/// They spin, as the daemon's inference threads and the thread pools of other engines do between two
/// pieces of work that follow each other closely.
///
/// Thread safety: one thread calls `encode` and `stop`; the helpers wait for what it offers.
final class SharedQueries: Sendable {
    private let model: EmbeddingModel
    private let threads: Int
    /// Counts what was offered; `stopped` in the end.
    private let number = Atomic(0)
    private let offered = Mutex<SharedEncoding?>(nil)

    private static let stopped = -1

    /// Starts the helpers.
    init(model: EmbeddingModel, threads: Int) {
        self.model = model
        self.threads = threads
        for _ in 1..<threads {
            Thread.detachNewThread { [self] in help() }
        }
    }

    /// Encodes a text together with the helpers.
    func encode(
        _ text: Encoding,
        workspace: EncoderWorkspace
    ) throws(EmbedderError) -> EncodedText {
        let batch = try model.share([text], output: .none, partCount: threads)
        offered.withLock { $0 = batch }
        number.add(1, ordering: .releasing)
        batch.work(in: workspace)
        return try batch.results()[0]
    }

    /// Lets the helpers end.
    func stop() {
        number.store(Self.stopped, ordering: .releasing)
    }

    private func help() {
        let workspace = model.makeWorkspace()
        var seen = 0
        while true {
            let current = number.load(ordering: .acquiring)
            guard current != Self.stopped else { return }
            guard current != seen else {
                CPU.relax()
                continue
            }
            seen = current
            offered.withLock { $0 }?.work(in: workspace)
        }
    }
}
