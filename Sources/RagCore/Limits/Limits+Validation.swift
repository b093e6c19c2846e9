extension RagConfiguration {
    /// Refuses a configuration that cannot work.
    ///
    /// - Throws: `invalid` naming the value.
    func validate() throws(RagError) {
        guard threads >= 1 else {
            throw RagError(.invalid, "threads must be at least 1, not \(threads)", param: "threads")
        }
        try limits.validate()
    }
}

extension Limits {
    /// Refuses limits under which no request could ever be taken.
    ///
    /// - Throws: `invalid` naming the value.
    func validate() throws(RagError) {
        let positive = [
            ("documentsPerRequestMax", documentsPerRequestMax),
            ("textByteCountMax", textByteCountMax),
            ("batchTokensMax", batchTokensMax),
            ("queryQueueTokensMax", queryQueueTokensMax),
            ("ingestQueueTokensMax", ingestQueueTokensMax),
            ("ingestGroupTokensMax", ingestGroupTokensMax),
            ("queueSecondsMax", queueSecondsMax),
        ]
        for (name, value) in positive where value < 1 {
            throw RagError(.invalid, "\(name) must be at least 1, not \(value)", param: name)
        }
        for (name, value) in [
            ("queryCacheEntriesMax", queryCacheEntriesMax),
            ("queryCacheByteCountMax", queryCacheByteCountMax),
        ] where value < 0 {
            throw RagError(.invalid, "\(name) must be at least 0, not \(value)", param: name)
        }
        // What one caller hands over at a time has to fit into an empty queue, or it would be told
        // to come back for ever.
        for (name, value) in [
            ("requestTokensMax", requestTokensMax), ("ingestGroupTokensMax", ingestGroupTokensMax),
        ] where value > ingestQueueTokensMax {
            throw RagError(
                .invalid,
                "\(name) is \(value), more than ingestQueueTokensMax \(ingestQueueTokensMax)",
                param: name
            )
        }
        guard batchTokensMax <= queryQueueTokensMax else {
            throw RagError(
                .invalid,
                "batchTokensMax is \(batchTokensMax), more than queryQueueTokensMax "
                    + "\(queryQueueTokensMax)",
                param: "batchTokensMax"
            )
        }
    }

    /// The part that the encoder's queue is held to.
    var batchBounds: BatchBounds {
        BatchBounds(
            batchTokensMax: batchTokensMax,
            queryTokensMax: queryQueueTokensMax,
            ingestTokensMax: ingestQueueTokensMax,
            waitSecondsMax: Double(queueSecondsMax)
        )
    }

    /// Refuses a value out of its range.
    ///
    /// - Parameters:
    ///   - value: what the request asks for.
    ///   - range: what is allowed.
    ///   - what: the value's name in a sentence, such as "hits wanted".
    ///   - param: the request's field.
    /// - Throws: `invalid` naming value and range.
    static func check(
        _ value: Int,
        in range: ClosedRange<Int>,
        _ what: String,
        param: String
    ) throws(RagError) {
        guard !range.contains(value) else { return }
        throw RagError(
            .invalid,
            "\(what): \(value), out of \(range.lowerBound) to \(range.upperBound)",
            param: param
        )
    }

    /// Refuses a size past its cap.
    ///
    /// - Parameters:
    ///   - size: how much the request holds.
    ///   - cap: how much it may hold.
    ///   - what: the size's name in a sentence, such as "bytes of the query".
    ///   - param: the request's field.
    /// - Throws: `tooLarge` naming size and cap.
    static func check(
        _ size: Int,
        atMost cap: Int,
        _ what: String,
        param: String
    ) throws(RagError) {
        guard size > cap else { return }
        throw RagError(.tooLarge, "\(what): \(size), more than the limit of \(cap)", param: param)
    }

    /// Longest prompt or instruction in UTF-8 bytes: a page; it is embedded with every text.
    static let promptByteCountMax = 4_096

    /// Refuses a prompt or an instruction past the cap, and one with a NUL.
    static func check(prompt: String?, param: String) throws(RagError) {
        guard let prompt else { return }
        try check(prompt.utf8.count, atMost: promptByteCountMax, "bytes of a prompt", param: param)
        guard !prompt.utf8.contains(0) else {
            throw RagError(.invalid, "the prompt holds a NUL character", param: param)
        }
    }
}
