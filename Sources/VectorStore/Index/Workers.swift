import Dispatch
import Synchronization

/// The threads of a bulk insert: runs a piece of work for each of many items, with a scratch.
struct Workers: Sendable {
    /// How many threads work, the caller's among them.
    let count: Int
    let scratches: ScratchPool

    /// Calls `body` once for each of 0..<itemCount, and returns when all calls have.
    ///
    /// Calls run at the same time and in any order; those of one thread share its scratch.
    func run(_ itemCount: Int, _ body: @Sendable (Int, SearchScratch) -> Void) {
        guard count > 1, itemCount > 1 else {
            return scratches.withScratch { scratch in
                for item in 0..<itemCount { body(item, scratch) }
            }
        }
        let next = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: min(count, itemCount)) { @Sendable _ in
            scratches.withScratch { scratch in
                while true {
                    let item = next.add(1, ordering: .relaxed).oldValue
                    guard item < itemCount else { return }
                    body(item, scratch)
                }
            }
        }
    }
}
