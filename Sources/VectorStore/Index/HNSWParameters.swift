/// What shapes an HNSW graph when it is built.
///
/// Values out of range are refused, never clamped.
///
/// Reference: Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using
/// Hierarchical Navigable Small World graphs", arXiv:1603.09320.
public struct HNSWParameters: Codable, Sendable, Hashable {
    /// The links a node aims for on each layer (`M` in the paper); layer 0 has room for twice as
    /// many.
    ///
    /// 16 is hnswlib's and FAISS's customary value and reaches recall 0.98 at a beam of 64 on
    /// 100,000 sentence embeddings.
    public let connectivity: Int

    /// The beam width while inserting (`efConstruction` in the paper).
    ///
    /// 200 is hnswlib's default.
    public let efConstruction: Int

    /// Seeds the levels that nodes are given.
    ///
    /// The same calls in the same order with the same seed make the same graph, by however many threads.
    public let seed: UInt64

    /// What a walk through the graph measures.
    ///
    /// The graph itself does not depend on it much and its form not at all: a stored graph is searched
    /// by either.
    public let quantization: Quantization

    /// What stands for a vector while a search is on its way; answers come from the vectors always.
    public enum Quantization: String, Codable, Sendable, CaseIterable {
        /// The vector itself.
        case none
        /// A byte an element, with a scale for each vector: a quarter of the memory to fetch.
        case int8
    }

    /// Where vectors are while the index serves.
    public let vectors: VectorPlace

    /// Where an index finds the vectors themselves.
    public enum VectorPlace: String, Codable, Sendable, CaseIterable {
        /// In memory, beside their codes.
        case memory
        /// On disk: codes lead the way, and only those of the nearest are read.
        case disk
    }

    /// The connectivities that are accepted: below 2 the graph is a path, above 128 a row of links
    /// costs more than the vector it belongs to.
    public static let connectivityRange = 2...128

    /// The construction beams that are accepted.
    public static let efConstructionRange = 1...4_096

    /// M 16, efConstruction 200, int8, vectors in memory.
    public static let standard = HNSWParameters()

    private init() {
        connectivity = 16
        efConstruction = 200
        seed = 0x7261_6764
        quantization = .int8
        vectors = .memory
    }

    /// Checks and keeps the parameters.
    ///
    /// - Throws: `VectorStoreError` with code `invalidArgument` naming the value and its range.
    public init(
        connectivity: Int = HNSWParameters.standard.connectivity,
        efConstruction: Int = HNSWParameters.standard.efConstruction,
        seed: UInt64 = HNSWParameters.standard.seed,
        quantization: Quantization = HNSWParameters.standard.quantization,
        vectors: VectorPlace = HNSWParameters.standard.vectors
    ) throws(VectorStoreError) {
        guard Self.connectivityRange.contains(connectivity) else {
            throw VectorStoreError(
                .invalidArgument,
                "connectivity (m) must be in \(Self.connectivityRange), not \(connectivity)"
            )
        }
        guard Self.efConstructionRange.contains(efConstruction) else {
            throw VectorStoreError(
                .invalidArgument,
                "efConstruction must be in \(Self.efConstructionRange), not \(efConstruction)"
            )
        }
        guard vectors == .memory || quantization != .none else {
            throw VectorStoreError(
                .invalidArgument,
                "vectors on disk need codes in memory to be found by: quantization int8, not none"
            )
        }
        self.connectivity = connectivity
        self.efConstruction = efConstruction
        self.seed = seed
        self.quantization = quantization
        self.vectors = vectors
    }

    private enum CodingKeys: String, CodingKey {
        case connectivity
        case efConstruction
        case seed
        case quantization
        case vectors
    }

    /// Decodes and checks: a stored or received configuration is input like any other.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            connectivity: values.decode(Int.self, forKey: .connectivity),
            efConstruction: values.decode(Int.self, forKey: .efConstruction),
            seed: values.decode(UInt64.self, forKey: .seed),
            // Collections from before there was a choice have none.
            quantization: values.decodeIfPresent(Quantization.self, forKey: .quantization)
                ?? Self.standard.quantization,
            vectors: values.decodeIfPresent(VectorPlace.self, forKey: .vectors)
                ?? Self.standard.vectors
        )
    }
}
