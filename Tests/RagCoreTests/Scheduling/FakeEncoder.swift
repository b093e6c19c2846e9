import Embedder
import Foundation
import RagCore
import Synchronization

/// An encoder whose vector of a text is the text's first id; it stalls, dawdles and fails on demand.
final class FakeEncoder: TextEncoder {
    /// Holds every batch until it is opened.
    final class Gate: Sendable {
        fileprivate let isOpen = Atomic(false)
        func open() { isOpen.store(true, ordering: .releasing) }
    }

    private let poison: Int32?
    private let timePerToken: Duration
    private let gate = Mutex<Gate?>(nil)
    private let counts = Mutex<[Int32: Int]>([:])
    private let runningTokens = Atomic(0)
    private let sharers = Atomic(0)

    init(poison: Int32? = nil, timePerToken: Duration = .zero) {
        self.poison = poison
        self.timePerToken = timePerToken
    }

    /// How often the text with each first id was encoded.
    var seen: [Int32: Int] { counts.withLock(\.self) }

    /// Tokens in batches now.
    var running: Int { runningTokens.load(ordering: .acquiring) }

    /// Times that a thread took part in a shared batch before it was done.
    var sharerCount: Int { sharers.load(ordering: .acquiring) }

    /// Makes batches wait from now on.
    func block() -> Gate {
        let gate = Gate()
        self.gate.withLock { $0 = gate }
        return gate
    }

    /// Lets batches that come from now on pass.
    func unblock() { gate.withLock { $0 = nil } }

    func waitUntilBlocked(tokens: Int = 1) async {
        while running < tokens { await Task.yield() }
    }

    func makeSession() -> any TextEncoderSession { Session(encoder: self) }

    func makeSharedBatch(
        _ batch: [Encoding],
        output: TokenVectorOutput,
        parts: Int
    ) throws(EmbedderError) -> any SharedTextBatch {
        try check(batch)
        return SharedBatch(batch, of: self)
    }

    private func check(_ batch: [Encoding]) throws(EmbedderError) {
        guard let poison, batch.contains(where: { $0.ids[0] == poison }) else { return }
        throw EmbedderError(.invalidInput, "poison")
    }

    /// Notes a batch, and stands at the gate; in small steps, each followed by a pause.
    private func begin(_ batch: [Encoding], pause: () -> Void) {
        runningTokens.add(batch.reduce(0) { $0 + $1.count }, ordering: .acquiringAndReleasing)
        counts.withLock { counts in
            for text in batch { counts[text.ids[0], default: 0] += 1 }
        }
        guard let gate = gate.withLock(\.self) else { return }
        while !gate.isOpen.load(ordering: .acquiring) {
            pause()
            Thread.sleep(forTimeInterval: 0.000_5)
        }
    }

    private func end(_ batch: [Encoding]) -> [EncodedText] {
        runningTokens.subtract(batch.reduce(0) { $0 + $1.count }, ordering: .acquiringAndReleasing)
        return batch.map { EncodedText(vector: [Float($0.ids[0])]) }
    }

    private func computeToken() {
        guard timePerToken > .zero else { return }
        let end = ContinuousClock.now + timePerToken
        while ContinuousClock.now < end {}
    }

    private final class Session: TextEncoderSession {
        private let encoder: FakeEncoder
        private var isInUse = false

        init(encoder: FakeEncoder) {
            self.encoder = encoder
        }

        func encode(
            _ batch: [Encoding],
            output: TokenVectorOutput,
            pause: () -> Void
        ) throws(EmbedderError) -> [EncodedText] {
            precondition(!isInUse, "a session is not re-entrant")
            isInUse = true
            defer { isInUse = false }
            encoder.begin(batch, pause: pause)
            var sinceStep = Duration.zero
            for _ in 0..<batch.reduce(0, { $0 + $1.count }) {
                encoder.computeToken()
                sinceStep += encoder.timePerToken
                guard sinceStep >= .milliseconds(1) else { continue }
                pause()
                sinceStep = .zero
            }
            let results = encoder.end(batch)
            try encoder.check(batch)
            return results
        }

        func work(on batch: any SharedTextBatch) {
            precondition(!isInUse, "a session is not re-entrant")
            (batch as? SharedBatch)?.work()
        }
    }

    /// Hands out single tokens.
    private final class SharedBatch: SharedTextBatch {
        private let batch: [Encoding]
        private let encoder: FakeEncoder
        private let tokenCount: Int
        private let taken = Atomic(0)
        private let done = Atomic(0)

        init(_ batch: [Encoding], of encoder: FakeEncoder) {
            self.batch = batch
            self.encoder = encoder
            tokenCount = batch.reduce(0) { $0 + $1.count }
            encoder.begin(batch) {}
        }

        func work() {
            var tickets = 0
            while taken.add(1, ordering: .relaxed).oldValue < tokenCount {
                encoder.computeToken()
                done.add(1, ordering: .acquiringAndReleasing)
                tickets += 1
            }
            if tickets > 0 { encoder.sharers.add(1, ordering: .relaxed) }
            while done.load(ordering: .acquiring) < tokenCount { Thread.sleep(forTimeInterval: 0) }
        }

        func results() throws(EmbedderError) -> [EncodedText] { encoder.end(batch) }
    }
}

extension Encoding {
    /// A text of `count` tokens, all of one id.
    init(id: Int32, count: Int) {
        self.init(
            ids: Array(repeating: id, count: count),
            typeIDs: Array(repeating: 0, count: count),
            offsets: Array(repeating: 0..<0, count: count)
        )
    }
}
