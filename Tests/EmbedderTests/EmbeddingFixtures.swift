import Embedder
import Foundation

/// Reference vectors, the models they were made with, and how to compare.
enum EmbeddingFixtures {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// The tiny models, by their folder under Fixtures.
    static let tinyModels = ["tiny/cls", "tiny/mean", "tiny/dense", "tiny/last", "tiny/sqrt"]

    private static let loaded = Result {
        try EmbeddingModel.load(directory: modelFolder(), name: "all-MiniLM-L6-v2")
    }

    /// The default model, loaded once for all tests.
    static func model() throws -> EmbeddingModel { try loaded.get() }

    /// The default model's folder: under RAGD_MODELS, else under `models` above this file.
    static func modelFolder() throws -> String {
        var candidates: [URL] = []
        if let models = ProcessInfo.processInfo.environment["RAGD_MODELS"] {
            candidates.append(URL(fileURLWithPath: models))
        }
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            candidates.append(folder.appendingPathComponent("models"))
        }
        for candidate in candidates {
            let path = candidate.appendingPathComponent("all-MiniLM-L6-v2").path
            if FileManager.default.fileExists(atPath: path + "/model.safetensors") { return path }
        }
        throw Missing(description: "no models/all-MiniLM-L6-v2; run `make model`")
    }

    /// The path of a file or folder of Fixtures.
    static func path(_ name: String) throws -> String {
        guard let folder = Bundle.module.resourceURL else {
            throw Missing(description: "no test resources")
        }
        return folder.appendingPathComponent("Fixtures").appendingPathComponent(name).path
    }

    static func json<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(
            type,
            from: Data(contentsOf: URL(fileURLWithPath: path(name)))
        )
    }

    /// A file of single-precision numbers, little-endian.
    static func floats(_ name: String) throws -> [Float] {
        let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: path(name))))
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            Float(
                bitPattern: bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
            )
        }
    }

    static func cosine(_ a: some Sequence<Float>, _ b: some Sequence<Float>) -> Double {
        var (product, squareA, squareB) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            product += Double(x) * Double(y)
            squareA += Double(x) * Double(x)
            squareB += Double(y) * Double(y)
        }
        return product / (squareA * squareB).squareRoot()
    }

    static func largestDifference(_ a: some Sequence<Float>, _ b: some Sequence<Float>) -> Float {
        zip(a, b).map { abs($0 - $1) }.max() ?? 0
    }

    /// A text of these ids, all of type 0.
    static func encoding(ids: [Int32]) -> Encoding {
        Encoding(
            ids: ids,
            typeIDs: ids.map { _ in 0 },
            offsets: ids.map { _ in 0..<0 }
        )
    }
}
