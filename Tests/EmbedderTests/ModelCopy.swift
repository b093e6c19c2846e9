import Embedder
import Foundation
import Kernels
import TestSupport
import Testing

/// A copy of a tiny model, embedding model or reranker, that a test may spoil.
struct ModelCopy {
    private let directory: TemporaryDirectory
    private let isReranker: Bool

    var path: String { directory.path + "/model" }

    /// Copies the model in a folder of Fixtures.
    init(of name: String) throws {
        directory = try TemporaryDirectory()
        isReranker = name.hasPrefix("rerankers/")
        try FileManager.default.copyItem(atPath: EmbeddingFixtures.path(name), toPath: path)
    }

    func read(_ file: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(fileURLWithPath: path + "/" + file)))
    }

    func write(_ bytes: [UInt8], to file: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + file))
    }

    /// Replaces a text wherever it stands, in JSON by one of any length, elsewhere of the same.
    func replace(_ text: String, by other: String, in file: String) throws {
        let bytes = try read(file)
        let changed = bytes.replacing(text.utf8, with: other.utf8)
        try #require(changed != bytes, "no \(text) in \(file)")
        try write(changed, to: file)
    }

    func remove(_ file: String) throws {
        try FileManager.default.removeItem(atPath: path + "/" + file)
    }

    /// Loads the model and reads a text: nil when both work, else the error.
    func failure(in precision: ComputePrecision = .f32) -> EmbedderError? {
        let text = [EmbeddingFixtures.encoding(ids: [2, 5, 3])]
        do throws(EmbedderError) {
            if isReranker {
                let network = try RerankNetwork(
                    directory: path,
                    answers: (2, 3),
                    precision: precision
                )
                _ = try network.encode(text, workspace: network.makeWorkspace())
            } else {
                let network = try EmbeddingNetwork(directory: path, precision: precision)
                _ = try network.encode(text, output: .floats, workspace: network.makeWorkspace())
            }
            return nil
        } catch {
            return error
        }
    }
}
