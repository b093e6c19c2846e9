import Embedder
import Foundation

/// What `ragd model verify` found of a model of either kind.
struct VerifyReport {
    /// A file of the model.
    struct File {
        let path: String
        let sha256: String
    }

    /// The check that fits the model's kind.
    enum Check {
        case embedding(ModelCheck)
        case reranker(RerankCheck)
    }

    let check: Check
    let files: [File]

    /// What is wrong with the model, empty when nothing is.
    var findings: [String] {
        switch check {
        case .embedding(let check): check.findings
        case .reranker(let check): check.findings
        }
    }

    /// Loads the model in a folder and checks it.
    ///
    /// - Throws: `CommandFailure` with the reason why the model cannot be used.
    init(_ files: ModelFiles) throws {
        // What cannot be read is named by loading it.
        if (try? ModelKind.detect(directory: files.directory)) == .reranker {
            check = .reranker(try RerankCheck(directory: files.directory, name: files.name))
        } else {
            check = .embedding(try ModelCheck(directory: files.directory, name: files.name))
        }
        self.files = try files.files().map {
            File(path: $0.path, sha256: try ModelFiles.checksum($0))
        }
    }

    /// The report for people, line by line.
    var lines: [String] {
        let own =
            switch check {
            case .embedding(let check): check.lines
            case .reranker(let check): check.lines
            }
        return own + files.map { "\($0.sha256)  \($0.path)" }
    }

    /// The report of `--json`.
    var answer: Answer {
        let checksums = Dictionary(files.map { ($0.path, $0.sha256) }) { first, _ in first }
        return switch check {
        case .embedding(let check): Answer(check, checksums)
        case .reranker(let check): Answer(check, checksums)
        }
    }
}

extension VerifyReport {
    /// The lines that models of both kinds have.
    fileprivate static func heading(
        name: String,
        kind: ModelKind,
        summary: ModelSummary
    ) -> [String] {
        [
            "name         \(name)",
            "kind         \(kind.rawValue)",
            "shape        \(summary)",
            "output       \(summary.output.joined(separator: ", "))",
            "tokenizer    \(summary.tokenizerStages.joined(separator: "; "))",
        ]
    }
}

extension ModelCheck {
    fileprivate var lines: [String] {
        let prompts = model.reading.promptsByName.sorted { $0.key < $1.key }
            .map { "prompt       \($0.key) \($0.value.debugDescription)" }
        let related = cosineRelated.formatted(digits: 3)
        let unrelated = cosineUnrelated.formatted(digits: 3)
        return VerifyReport.heading(name: model.name, kind: .embedding, summary: model.summary)
            + ["dimensions   \(model.dimension)", "max tokens   \(model.tokensMax)"] + prompts
            + [
                "parameters   \(model.parameterCount)",
                "self-check   paraphrase \(related), unrelated \(unrelated)",
            ]
            + precisions.map(\.line)
    }
}

extension RerankCheck {
    fileprivate var lines: [String] {
        let instruction =
            model.takesInstruction
            ? ["instruction  \(model.instruction.debugDescription)"] : []
        return VerifyReport.heading(name: model.name, kind: .reranker, summary: model.summary)
            + ["max tokens   \(model.tokensMax)"] + instruction
            + [
                "parameters   \(model.parameterCount)",
                "self-check   \(answersFirst) of \(RerankProbe.questions.count) answers first",
            ]
            + precisions.map(\.line)
    }
}
