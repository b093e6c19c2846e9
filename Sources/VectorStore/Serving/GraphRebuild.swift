import Foundation
import Kernels

/// Links in the background what a collection's index has staged, while scans serve.
///
/// Thread safety: the work runs on a thread of its own; the index admits it between its other writers.
struct GraphRebuild: Sendable {
    let threads: Int

    /// Begins; the graph serves once everything is linked, and is then made durable.
    func start(for collection: Collection) {
        let thread = Thread { [threads] in
            TimeSlice.long.request()
            while collection.queue.isOpen {
                guard collection.index.linkStaged(threads: threads) else {
                    return collection.scheduleCheckpoint()
                }
            }
        }
        thread.name = "ragd.rebuild"
        thread.start()
    }
}
