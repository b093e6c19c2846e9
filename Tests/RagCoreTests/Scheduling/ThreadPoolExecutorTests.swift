import Foundation
import Kernels
import RagCore
import Synchronization
import TestSupport
import Testing

@Suite("Slices of a list on several threads")
struct ThreadPoolExecutorTests {
    @Test("slices are the whole list in order, none is empty", arguments: 0..<200)
    func coverTheList(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let weights = (0..<Int.random(in: 0...30, using: &random)).map { _ in
            Int.random(in: 0...100, using: &random)
        }
        let count = Int.random(in: 1...8, using: &random)
        let ranges = EvenSlices.ranges(weights, count: count)
        #expect(ranges.count <= count && ranges.allSatisfy { !$0.isEmpty }, "seed \(seed)")
        #expect(ranges.flatMap(Array.init) == Array(weights.indices), "seed \(seed)")
        let share = (weights.reduce(0, +) + count - 1) / count
        for range in ranges.dropLast() {
            // One element may take a slice past its share, and the next slice starts from there.
            let weight = weights[range].reduce(0, +)
            #expect(weight <= share + (weights[range].max() ?? 0), "seed \(seed)")
        }
    }

    @Test("equal elements are dealt out evenly", arguments: [1, 2, 3, 4])
    func even(count: Int) {
        let lengths = EvenSlices.ranges(Array(repeating: 7, count: 12), count: count).map(\.count)
        #expect(lengths == Array(repeating: 12 / count, count: count))
    }

    @Test("much work is done by several threads at once, and little where the caller is")
    func threads() async {
        let executor = ThreadPoolExecutor(name: "slices", threads: 2, slice: .long)
        for (weights, sliceCount) in [([5, 5, 5], 1), ([10, 10, 10, 10], 2), ([40], 1)] {
            let meeting = Meeting(count: sliceCount)
            let slices = await executor.mapSlices(weights, weightMin: 10) { range in
                meeting.wait()
                return range
            }
            #expect(slices.count == sliceCount)
            #expect(slices.flatMap(Array.init) == Array(weights.indices))
        }
        await executor.stop()
    }
}

/// A place where so many threads wait for each other.
private final class Meeting: Sendable {
    private let missing: Atomic<Int>

    init(count: Int) {
        missing = Atomic(count)
    }

    func wait() {
        missing.subtract(1, ordering: .acquiringAndReleasing)
        while missing.load(ordering: .acquiring) > 0 { Thread.sleep(forTimeInterval: 0.001) }
    }
}
