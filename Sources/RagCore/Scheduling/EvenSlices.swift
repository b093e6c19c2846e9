/// Cuts a list into contiguous slices of about equal weight.
package enum EvenSlices {
    /// The slices, in order, together the whole list.
    ///
    /// - Parameters:
    ///   - weights: one an element, none negative.
    ///   - count: how many slices are wanted, at least 1.
    /// - Returns: at most `count` ranges, none empty, none of more than an even part but for its
    ///   last element.
    package static func ranges(_ weights: [Int], count: Int) -> [Range<Int>] {
        precondition(count > 0, "\(count) slices")
        let total = weights.reduce(0, +)
        var ranges: [Range<Int>] = []
        var start = 0
        var weight = 0
        for (index, next) in weights.enumerated() {
            weight += next
            // Past this slice's even part of the whole, or at the end.
            let isFull = weight * count >= total * (ranges.count + 1) && ranges.count + 1 < count
            guard isFull || index == weights.count - 1 else { continue }
            ranges.append(start..<index + 1)
            start = index + 1
        }
        return ranges
    }
}

extension ThreadPoolExecutor {
    /// Runs `body` for slices of a list, on as many of these threads as are worth it.
    ///
    /// - Parameters:
    ///   - weights: what each element of the list costs.
    ///   - weightMin: what is worth a thread: a list of less than twice as much is not cut, and
    ///     `body` runs where the caller is.
    ///   - body: the work on one slice.
    /// - Returns: what `body` returned, in the order of the slices.
    /// - Throws: what `body` threw for the first slice that it threw for.
    package func mapSlices<Value: Sendable, Failure: Error>(
        _ weights: [Int],
        weightMin: Int,
        _ body: @escaping @Sendable (Range<Int>) throws(Failure) -> Value
    ) async throws(Failure) -> [Value] {
        let total = weights.reduce(0, +)
        guard total >= 2 * weightMin else { return [try body(weights.indices)] }
        let ranges = EvenSlices.ranges(weights, count: min(threadCount, total / weightMin))
        typealias Slice = (index: Int, result: Result<Value, Failure>)
        let slices = await withTaskGroup(of: Slice.self) { group in
            for (index, range) in ranges.enumerated() {
                group.addTask(executorPreference: self) {
                    (index, Result { () throws(Failure) in try body(range) })
                }
            }
            let slices = await group.reduce(into: []) { $0.append($1) }
            return slices.sorted { $0.index < $1.index }
        }
        var values: [Value] = []
        for slice in slices { values.append(try slice.result.get()) }
        return values
    }
}
