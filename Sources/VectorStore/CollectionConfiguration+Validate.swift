import Foundation
import Kernels

extension CollectionConfiguration {
    /// The longest vectors: those of the largest embedding models are 4,096 long; the rest is room.
    public static let dimensionMax = 16_384

    /// Checks every field.
    ///
    /// - Throws: `VectorStoreError` with code `invalidArgument` naming the field and what it may be.
    public func validate() throws(VectorStoreError) {
        let isNameGood = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isNameGood, (1...128).contains(name.utf8.count), name.first != "." else {
            throw VectorStoreError(
                .invalidArgument,
                "a collection's name has 1 to 128 of the characters A-Z a-z 0-9 - _ . and does not "
                    + "begin with a dot"
            )
        }
        guard !model.isEmpty, model.utf8.count <= 512, !model.utf8.contains(0) else {
            throw VectorStoreError(.invalidArgument, "a model's name has 1 to 512 bytes and no NUL")
        }
        guard (1...Self.dimensionMax).contains(dimension) else {
            throw VectorStoreError(
                .invalidArgument,
                "dimension must be in 1...\(Self.dimensionMax), not \(dimension)"
            )
        }
        guard chunking.maxTokens >= 1, (0..<chunking.maxTokens).contains(chunking.overlapTokens)
        else {
            throw VectorStoreError(
                .invalidArgument,
                "chunking needs maxTokens of at least 1 and an overlap below it, not "
                    + "\(chunking.maxTokens) and \(chunking.overlapTokens)"
            )
        }
    }

    /// Checks a vector that is to be stored or searched for.
    func check(vector: [Float]) throws(VectorStoreError) {
        guard vector.count == dimension else {
            throw VectorStoreError(
                .dimensionMismatch,
                "collection \"\(name)\" holds vectors of \(dimension) elements, got \(vector.count); "
                    + "was the vector made by another model than \"\(model)\"?"
            )
        }
        guard VectorMath.isFinite(vector) else {
            throw VectorStoreError(.notFinite, "the vector has an element that is not finite")
        }
    }

    /// The first field in which `other` differs, with both values, or `nil` when they are equal but for
    /// `modelDocumentPrompt`, which nobody asks for.
    package func difference(from other: CollectionConfiguration) -> String? {
        func describe(_ field: String, _ mine: some Equatable, _ its: some Equatable) -> String {
            "\(field) is \(mine), not \(its)"
        }
        if model != other.model { return describe("model", model, other.model) }
        if dimension != other.dimension {
            return describe("dimension", dimension, other.dimension)
        }
        if metric != other.metric { return describe("metric", metric, other.metric) }
        if chunking.maxTokens != other.chunking.maxTokens {
            return describe("maxTokens", chunking.maxTokens, other.chunking.maxTokens)
        }
        if chunking.overlapTokens != other.chunking.overlapTokens {
            return describe("overlapTokens", chunking.overlapTokens, other.chunking.overlapTokens)
        }
        if index != other.index {
            return describe("index", index.summary, other.index.summary)
        }
        if lateInteraction != other.lateInteraction {
            return describe("lateInteraction", lateInteraction, other.lateInteraction)
        }
        if textLanguage != other.textLanguage {
            return describe("language", textLanguage, other.textLanguage)
        }
        func describe(prompt field: String, _ mine: String?, _ its: String?) -> String? {
            func quoted(_ prompt: String?) -> String {
                prompt.map { "'\($0.prefix(100))'" } ?? "the model's own"
            }
            return mine == its ? nil : "\(field) is \(quoted(mine)), not \(quoted(its))"
        }
        if let difference = describe(prompt: "queryPrompt", queryPrompt, other.queryPrompt)
            ?? describe(prompt: "documentPrompt", documentPrompt, other.documentPrompt)
        {
            return difference
        }
        return nil
    }
}

extension HNSWParameters {
    /// What a caller can choose, for a message.
    fileprivate var summary: String {
        "m \(connectivity), ef_construction \(efConstruction), quantization \(quantization),"
            + " vectors \(vectors)"
    }
}
