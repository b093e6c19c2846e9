import Kernels
import Synchronization

/// A batch that several threads take through an encoder together.
///
/// The rows are cut into parts, and a part of a stage is a *ticket*. Tickets are handed out in order,
/// stage by stage; a thread runs its ticket when all of the stage before have been run, for which it
/// spins: the wait is that for one part of a stage, some 20 to 100 µs. Whoever comes takes the next
/// ticket, so that a thread that comes late, or never, costs nothing, and one thread alone does it
/// all. Nothing can wait in a circle: a ticket waits only for earlier ones, which are being run.
///
/// Each row is computed as it would be alone: the vectors do not depend on who took part.
///
/// Thread safety: any number of threads may call `work(with:)`. The states are shared unlocked:
/// a ticket writes only the rows of its part, and reads other rows only as an earlier stage left
/// them, which `finished` orders (released after each ticket, acquired before the next stage).
// Guard: tickets, as described above.
package final class SharedBatch: @unchecked Sendable {
    let batch: PackedBatch
    let states: BatchStates

    private let encoder: any TransformerEncoder
    private let parts: [Range<Int>]
    private let next = Atomic(0)
    private let finished = Atomic(0)

    /// Rounds of spinning after which a waiting thread lets others run: about 50 µs.
    private static let spinsMax = 1_000

    /// Makes a batch of checked texts, to be computed in at most `partCount` parts.
    init(_ batch: PackedBatch, encoder: any TransformerEncoder, partCount: Int) {
        self.batch = batch
        self.encoder = encoder
        states = encoder.makeStates()
        states.reserve(rows: batch.rowCount, projectedRows: batch.rowCount)
        let count = max(1, min(partCount, batch.rowCount))
        parts = (0..<count).map { part in
            batch.rowCount * part / count..<batch.rowCount * (part + 1) / count
        }
    }

    /// Takes part until every ticket has been run.
    func work(with scratch: LayerScratch) {
        let ticketCount = encoder.stageCount * parts.count
        while true {
            let ticket = next.add(1, ordering: .relaxed).oldValue
            guard ticket < ticketCount else { break }
            let (stage, part) = ticket.quotientAndRemainder(dividingBy: parts.count)
            wait(until: stage * parts.count)
            encoder.run(stage: stage, parts[part], of: batch, states, scratch: scratch)
            finished.add(1, ordering: .acquiringAndReleasing)
        }
        wait(until: ticketCount)
    }

    private func wait(until count: Int) {
        var spins = 0
        while finished.load(ordering: .acquiring) < count {
            spins += 1
            if spins < Self.spinsMax { CPU.relax() } else { CPU.yield() }
        }
    }
}
