import ArgumentParser
import Embedder
import Foundation

/// Checks one model from its files to its vectors.
struct ModelVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Hash a model's files, load it, and check the vectors it makes."
    )

    @Argument(help: "The model's folder.")
    var directory: String

    @Flag(help: "Print one JSON object.")
    var json = false

    /// The answer of `--json`.
    private struct Answer: Encodable {
        let name: String
        let dimensions: Int
        let tokensMax: Int
        let parameters: Int
        let bytes: Int
        let cosineRelated: Float
        let cosineUnrelated: Float
        let precisions: [ModelCheck.PrecisionRow]
        let findings: [String]
        let sha256: [String: String]

        private enum CodingKeys: String, CodingKey {
            case name
            case dimensions
            case tokensMax = "max_tokens"
            case parameters
            case bytes
            case cosineRelated = "cosine_related"
            case cosineUnrelated = "cosine_unrelated"
            case precisions
            case findings
            case sha256
        }
    }

    func run() async throws {
        let files = ModelFiles(directory: directory)
        // What cannot be read is named by loading it.
        if (try? ModelKind.detect(directory: directory)) == .reranker {
            throw CommandFailure(
                "\(directory) is a reranker, and only embedding models are verified; the daemon says what "
                    + "is wrong with it when a rerank request names it"
            )
        }
        let check = try ModelCheck(directory: directory, name: files.name)
        var checksums: [(path: String, sum: String)] = []
        for file in try files.files() {
            checksums.append((file.path, try ModelFiles.checksum(file)))
        }
        if json {
            try Console.json(answer(check, checksums))
        } else {
            show(check, checksums)
        }
        guard check.findings.isEmpty else {
            throw CommandFailure(check.findings.joined(separator: "; "))
        }
    }

    private func answer(
        _ check: ModelCheck,
        _ checksums: [(path: String, sum: String)]
    ) -> Answer {
        Answer(
            name: check.model.name,
            dimensions: check.model.dimension,
            tokensMax: check.model.tokensMax,
            parameters: check.model.parameterCount,
            bytes: check.model.byteCount,
            cosineRelated: check.cosineRelated,
            cosineUnrelated: check.cosineUnrelated,
            precisions: check.precisions,
            findings: check.findings,
            sha256: Dictionary(checksums.map { ($0.path, $0.sum) }) { first, _ in first }
        )
    }

    private func show(_ check: ModelCheck, _ checksums: [(path: String, sum: String)]) {
        let model = check.model
        print("name         \(model.name)")
        print("dimensions   \(model.dimension)")
        print("max tokens   \(model.tokensMax)")
        print("parameters   \(model.parameterCount)")
        let related = check.cosineRelated.formatted(digits: 3)
        let unrelated = check.cosineUnrelated.formatted(digits: 3)
        print("self-check   paraphrase \(related), unrelated \(unrelated)")
        for row in check.precisions {
            let size = "\(row.bytes / 1_000_000) MB"
            let mean = row.meanCosine.formatted(digits: 5)
            let lowest = row.minCosine.formatted(digits: 5)
            let notes =
                (row.isNative ? "" : ", no instruction of this CPU")
                + (row.passes ? "" : ", too far from f32 to be chosen by itself")
            let name = row.precision.padding(toLength: 13, withPad: " ", startingAt: 0)
            print("\(name)\(size), cosine to f32 mean \(mean), min \(lowest)\(notes)")
        }
        for (path, sum) in checksums {
            print("\(sum)  \(path)")
        }
    }
}
