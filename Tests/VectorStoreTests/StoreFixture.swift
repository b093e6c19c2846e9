import Foundation
import TestSupport
import VectorStore

/// Small collections and documents whose every part follows from a seed.
enum StoreFixture {
    static let dimension = 16

    static func configuration(
        _ name: String = "notes",
        dimension: Int = dimension,
        metric: Metric = .cosine,
        lateInteraction: CollectionConfiguration.LateInteraction = .signCodes
    ) -> CollectionConfiguration {
        CollectionConfiguration(
            name: name,
            model: "test-model",
            dimension: dimension,
            metric: metric,
            chunking: .init(maxTokens: 32, overlapTokens: 4),
            lateInteraction: lateInteraction
        )
    }

    /// A store with one collection, in a folder that goes with the value.
    struct OpenStore {
        let directory: TemporaryDirectory
        let store: VectorStore
        let collection: Collection
    }

    static func open(
        _ configuration: CollectionConfiguration = configuration(),
        options: StoreOptions = StoreOptions()
    ) async throws -> OpenStore {
        let directory = try TemporaryDirectory()
        let store = try VectorStore.open(directory: directory.path, options: options)
        let (collection, _) = try await store.createCollection(configuration)
        return OpenStore(directory: directory, store: store, collection: collection)
    }

    /// A document of `words` random words cut into chunks of `wordsPerChunk`, one word shared.
    static func document(
        _ id: String,
        words: Int = 24,
        wordsPerChunk: Int = 8,
        title: String? = nil,
        metadata: [String: MetadataValue] = [:],
        dimension: Int = dimension,
        using random: inout SeededRandom
    ) -> DocumentWrite {
        let text = (0..<words).map { _ in word(&random) }.joined(separator: " ")
        return document(
            id,
            text: text,
            wordsPerChunk: wordsPerChunk,
            title: title,
            metadata: metadata,
            dimension: dimension,
            using: &random
        )
    }

    /// A document of the given text, cut at spaces.
    static func document(
        _ id: String,
        text: String,
        wordsPerChunk: Int = 8,
        title: String? = nil,
        metadata: [String: MetadataValue] = [:],
        dimension: Int = dimension,
        using random: inout SeededRandom
    ) -> DocumentWrite {
        var bounds: [Range<Int>] = []
        var start = 0
        let bytes = Array(text.utf8)
        for (index, byte) in bytes.enumerated() where byte == 0x20 {
            if index > start { bounds.append(start..<index) }
            start = index + 1
        }
        if bytes.count > start { bounds.append(start..<bytes.count) }
        let step = max(1, wordsPerChunk - 1)
        let chunks = stride(from: 0, to: bounds.count, by: step).map { first in
            let last = min(first + wordsPerChunk, bounds.count) - 1
            let range = bounds[first].lowerBound..<bounds[last].upperBound
            return ChunkWrite(
                range: range,
                tokenCount: last - first + 1,
                textHash: hash(Array(bytes[range])),
                vector: random.unitVector(dimension: dimension),
                tokenCodes: (0..<(last - first + 1) * ((dimension + 7) / 8)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            )
        }
        return DocumentWrite(
            id: id,
            title: title,
            source: "source/\(id)",
            metadata: metadata,
            text: text,
            contentHash: hash(bytes + Array((title ?? "").utf8)),
            tokenCount: bounds.count,
            chunks: chunks
        )
    }

    /// A word of two syllables out of 400, so that words repeat between documents.
    static func word(_ random: inout SeededRandom) -> String {
        let syllables = [
            "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu",
            "na", "pe", "ri", "so", "tu", "va", "we", "xi", "yo", "zu",
        ]
        return (0..<2).map { _ in syllables.randomElement(using: &random) ?? "ba" }.joined()
    }

    /// Sixteen bytes that depend on all of `bytes` (FNV-1a, twice).
    static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var first: UInt64 = 0xcbf2_9ce4_8422_2325
        var second: UInt64 = 0x9e37_79b9_7f4a_7c15
        for byte in bytes {
            first = (first ^ UInt64(byte)) &* 0x100_0000_01b3
            second = (second ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return [first, second].flatMap { value in
            (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
        }
    }
}
