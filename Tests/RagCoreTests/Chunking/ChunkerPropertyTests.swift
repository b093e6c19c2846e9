import Embedder
import RagCore
import TestSupport
import Testing

/// What holds for every text and every choice of numbers, on texts drawn from a seed.
@Suite("Chunker properties")
struct ChunkerPropertyTests {
    private let tokenizer: Tokenizer

    init() throws {
        tokenizer = try SmallTokenizer.make()
    }

    private struct Trial {
        let text: String
        let tokensMax: Int
        let overlap: Int
        let chunks: [Chunk]
        let bytes: [UInt8]
    }

    private func trial(seed: UInt64) throws -> Trial {
        var random = SeededRandom(seed: seed)
        let text = RandomProse.make(using: &random)
        // Windows from absurdly small to larger than the text.
        let tokensMax = Int.random(in: 1...(Bool.random(using: &random) ? 8 : 200), using: &random)
        let overlap = Int.random(in: 0..<tokensMax, using: &random)
        let chunker = try Chunker(
            tokenizer: tokenizer,
            tokensMax: tokensMax,
            overlapTokens: overlap
        )
        let chunks = try chunker.chunks(of: text)
        #expect(try chunks == chunker.chunks(of: text), "not deterministic with seed \(seed)")
        return Trial(
            text: text,
            tokensMax: tokensMax,
            overlap: overlap,
            chunks: chunks,
            bytes: Array(text.utf8)
        )
    }

    @Test("chunks move forward and cover everything but white space", arguments: 0..<300)
    func coverage(seed: UInt64) throws {
        let trial = try trial(seed: seed)
        var covered = 0
        var previous = Chunk(range: -1..<0, tokenCount: 0)
        for chunk in trial.chunks {
            #expect(chunk.range.lowerBound > previous.range.lowerBound)
            #expect(chunk.range.upperBound > previous.range.upperBound)
            if chunk.range.lowerBound > covered {
                let gap = String(
                    decoding: trial.bytes[covered..<chunk.range.lowerBound],
                    as: UTF8.self
                )
                #expect(gap.isBlank, "seed \(seed)")
            }
            covered = chunk.range.upperBound
            previous = chunk
        }
        if !trial.chunks.isEmpty {
            let rest = String(decoding: trial.bytes[covered...], as: UTF8.self)
            #expect(rest.isBlank, "seed \(seed)")
        } else {
            #expect(try tokenizer.encodePlain(trial.text).count == 0)
        }
    }

    @Test("a chunk encoded alone has its count, within the window", arguments: 0..<300)
    func tokenCap(seed: UInt64) throws {
        let trial = try trial(seed: seed)
        for chunk in trial.chunks {
            let bytes = trial.bytes[chunk.range]
            let text = try #require(String(validating: bytes, as: UTF8.self), "cuts a scalar")
            #expect(try tokenizer.encodePlain(text).count == chunk.tokenCount, "seed \(seed)")
            #expect(
                chunk.tokenCount <= trial.tokensMax || text.unicodeScalars.count == 1,
                "seed \(seed): \(text.debugDescription)"
            )
            #expect(text.unicodeScalars.first?.properties.isWhitespace == false)
            #expect(text.unicodeScalars.last?.properties.isWhitespace == false)
        }
    }

    @Test("chunks of words repeat from half to all of the overlap asked for", arguments: 0..<50)
    func overlap(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let words = (0..<2_000).map { _ in
            ["wing", "drag", "the"].randomElement(using: &random) ?? "a"
        }
        let text = words.joined(separator: " ")
        let tokensMax = Int.random(in: 20...200, using: &random)
        let overlap = Int.random(in: 2...tokensMax / 2, using: &random)
        let chunker = try Chunker(
            tokenizer: tokenizer,
            tokensMax: tokensMax,
            overlapTokens: overlap
        )
        let chunks = try chunker.chunks(of: text)
        let bytes = Array(text.utf8)
        for (first, second) in zip(chunks, chunks.dropFirst()) {
            let shared = second.range.lowerBound..<first.range.upperBound
            let count = try tokenizer.encodePlain(String(decoding: bytes[shared], as: UTF8.self))
                .count
            #expect((overlap / 2...overlap).contains(count), "seed \(seed): \(count) of \(overlap)")
        }
    }

    @Test("few chunks are small: the window is used")
    func windowIsUsed() throws {
        var random = SeededRandom(seed: 7)
        let sentences = (0..<2_000).map { _ in
            String(repeating: "the wing ", count: Int.random(in: 1...20, using: &random)) + "drag."
        }
        let text = sentences.joined(separator: " ")
        let chunker = try Chunker(tokenizer: tokenizer, tokensMax: 256, overlapTokens: 32)
        let chunks = try chunker.chunks(of: text)
        let small = chunks.count { $0.tokenCount < 128 }
        #expect(small * 10 <= chunks.count, "\(small) of \(chunks.count)")
    }
}

extension String {
    fileprivate var isBlank: Bool { unicodeScalars.allSatisfy(\.properties.isWhitespace) }
}
