/// Who wants which text: requests, the texts in flight, and what is known of each.
///
/// A value without locks, clocks or tasks. A text that is in flight already, for whatever request,
/// is joined rather than begun again. It stays in flight until its value is known or its batch has
/// failed, even when nobody wants it any more: a request that comes meanwhile joins it all the same.
package struct RequestLedger<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// A text that was not in flight before.
    package struct NewText: Sendable, Hashable {
        package let id: BatchTextID
        /// Which text of the request it is, the first of its equals.
        package let index: Int
    }

    /// A request with the values of all its texts, in order.
    package struct Answer: Sendable {
        package let request: BatchRequestID
        package let values: [Value]
    }

    private struct Owner: Sendable {
        let request: BatchRequestID
        let index: Int
    }

    private struct Text: Sendable {
        let key: Key
        let arrival: ContinuousClock.Instant
        var owners: [Owner] = []
    }

    private struct Request: Sendable {
        var texts: [BatchTextID] = []
        var values: [Value?]
        var missingCount = 0
    }

    private var requests: [BatchRequestID: Request] = [:]
    private var texts: [BatchTextID: Text] = [:]
    private var ids: [Key: BatchTextID] = [:]
    private var textCount: UInt64 = 0

    package init() {}

    /// Whether there are neither requests nor texts.
    package var isEmpty: Bool { requests.isEmpty && texts.isEmpty && ids.isEmpty }

    /// What a text in flight is.
    package func key(_ text: BatchTextID) -> Key? { texts[text]?.key }

    /// When a text in flight was first asked for.
    package func arrival(_ text: BatchTextID) -> ContinuousClock.Instant? { texts[text]?.arrival }

    /// A request arrives.
    ///
    /// - Parameters:
    ///   - request: a number that was not used before.
    ///   - keys: its texts.
    ///   - values: what is known of each already; at least one is missing.
    ///   - now: when it came.
    /// - Returns: the texts that were not in flight and are now.
    package mutating func add(
        _ request: BatchRequestID,
        keys: [Key],
        values: [Value?],
        now: ContinuousClock.Instant
    ) -> [NewText] {
        precondition(keys.count == values.count, "\(keys.count) keys, \(values.count) values")
        precondition(requests[request] == nil, "request \(request.number) is there already")
        var entry = Request(values: values)
        var new: [NewText] = []
        for (index, key) in keys.enumerated() where values[index] == nil {
            let id: BatchTextID
            if let known = ids[key] {
                id = known
            } else {
                textCount += 1
                id = BatchTextID(textCount)
                ids[key] = id
                texts[id] = Text(key: key, arrival: now)
                new.append(NewText(id: id, index: index))
            }
            // A text that stands twice in a request has it as an owner twice, one after the other.
            if texts[id]?.owners.last?.request != request { entry.texts.append(id) }
            texts[id]?.owners.append(Owner(request: request, index: index))
            entry.missingCount += 1
        }
        precondition(entry.missingCount > 0, "request \(request.number) has its answer")
        requests[request] = entry
        return new
    }

    /// A request is no longer wanted.
    ///
    /// - Returns: the texts that nobody wants now; they stay in flight until they are forgotten.
    package mutating func remove(_ request: BatchRequestID) -> [BatchTextID] {
        guard let entry = requests.removeValue(forKey: request) else { return [] }
        return entry.texts.filter { id in
            texts[id]?.owners.removeAll { $0.request == request }
            return texts[id]?.owners.isEmpty ?? false
        }
    }

    /// The requests that want one of these texts, each once, in the order in which they came.
    package func requests(wanting wanted: [BatchTextID]) -> [BatchRequestID] {
        let owners = wanted.flatMap { texts[$0]?.owners ?? [] }
        return Set(owners.map(\.request)).sorted { $0.number < $1.number }
    }

    /// A text's value is known, and the text no longer in flight.
    ///
    /// - Returns: the requests whose last missing text this was, with all their values.
    package mutating func finish(_ text: BatchTextID, _ value: Value) -> [Answer] {
        guard let owners = forget(text) else { return [] }
        return owners.compactMap { owner in
            precondition(
                requests[owner.request]?.values[owner.index] == nil,
                "text \(owner.index) of request \(owner.request.number) came twice"
            )
            requests[owner.request]?.values[owner.index] = value
            requests[owner.request]?.missingCount -= 1
            guard requests[owner.request]?.missingCount == 0,
                let done = requests.removeValue(forKey: owner.request)
            else { return nil }
            return Answer(request: owner.request, values: done.values.compactMap(\.self))
        }
    }

    /// A text will never be computed; whoever wanted it has been removed.
    package mutating func drop(_ text: BatchTextID) {
        let owners = forget(text) ?? []
        precondition(owners.isEmpty, "text \(text.number) is wanted")
    }

    private mutating func forget(_ text: BatchTextID) -> [Owner]? {
        guard let entry = texts.removeValue(forKey: text) else { return nil }
        ids[entry.key] = nil
        return entry.owners
    }
}
