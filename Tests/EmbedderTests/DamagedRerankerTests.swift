import Embedder
import Foundation
import TestSupport
import Testing

/// A reranker's files with something changed or missing: an error that names it.
@Suite("Damaged rerankers")
struct DamagedRerankerTests {
    @Test(
        "a head's tensor that is missing is named",
        arguments: [
            ("bert", "bert.pooler.dense.weight", "pooler.dense.weight"),
            ("bert", "classifier.bias", "classifier.bias"),
            ("roberta", "classifier.dense.bias", "classifier.dense.bias"),
            ("xlm-roberta", "classifier.out_proj.weight", "classifier.out_proj.weight"),
            ("qwen3-tied", "model.embed_tokens.weight", "embed_tokens.weight"),
        ]
    )
    func missing(name: String, tensor: String, message: String) throws {
        let copy = try ModelCopy(of: "rerankers/\(name)")
        #expect(copy.failure() == nil)
        let other = String(tensor.dropLast(2)) + "xx"
        try copy.replace("\"\(tensor)\"", by: "\"\(other)\"", in: "model.safetensors")
        let error = try #require(copy.failure())
        #expect(error.code == .invalidModel)
        #expect(error.message.contains("\(message) is missing"))
    }

    @Test("an untied model without its output matrix is refused by its name")
    func untied() throws {
        let copy = try ModelCopy(of: "rerankers/qwen3-tied")
        let tied = "\"tie_word_embeddings\": true"
        try copy.replace(tied, by: "\"tie_word_embeddings\": false", in: "config.json")
        let error = try #require(copy.failure())
        #expect(error.code == .invalidModel && error.message.contains("lm_head.weight is missing"))
    }

    @Test("a head of another shape is refused with both shapes")
    func shape() throws {
        let copy = try ModelCopy(of: "rerankers/bert")
        let weight = "\"classifier.weight\":{\"dtype\":\"F32\",\"shape\":[1,24]"
        try copy.replace(
            weight,
            by: weight.replacingOccurrences(of: "[1,24]", with: "[2,12]"),
            in: "model.safetensors"
        )
        let error = try #require(copy.failure())
        #expect(error.code == .invalidModel)
        #expect(error.message.contains("classifier.weight has shape [2, 12], expected [1, 24]"))
    }

    @Test(
        "what is no reranker is refused by name",
        arguments: [
            ("bert", "\"0\": \"LABEL_0\"", "\"0\": \"a\", \"1\": \"b\"", "num_labels 2"),
            (
                "bert", "BertForSequenceClassification", "BertForTokenClassification",
                "BertForTokenClassification"
            ),
            ("qwen3-tied", "Qwen3ForCausalLM", "Qwen3Model", "Qwen3Model"),
            ("bert-identity", "linear.Identity", "activation.Softmax", "activation.Softmax"),
        ]
    )
    func unsupported(name: String, text: String, other: String, message: String) throws {
        let copy = try ModelCopy(of: "rerankers/\(name)")
        try copy.replace(text, by: other, in: "config.json")
        let error = try #require(copy.failure())
        #expect(error.code == .unsupportedModel && error.message.contains(message))
    }

    @Test("a classifier of two labels has no kind")
    func classifier() throws {
        let copy = try ModelCopy(of: "rerankers/bert")
        let label = "\"0\": \"LABEL_0\""
        try copy.replace(label, by: "\"0\": \"a\", \"1\": \"b\"", in: "config.json")
        #expect(try ModelKind.detect(directory: copy.path) == nil)
    }

    @Test("a tokenizer without the answers is refused")
    func answers() throws {
        let copy = try ModelCopy(of: "rerankers/qwen3-tied")
        try copy.replace("\"yes\": ", by: "\"yez\": ", in: "tokenizer.json")
        try copy.replace("[\"y\", \"es\"], ", by: "", in: "tokenizer.json")
        let error = #expect(throws: EmbedderError.self) {
            try RerankModel.load(directory: copy.path, name: "a")
        }
        #expect(error?.message.contains("yes") == true)
    }

    @Test("weights that are not finite are an error when they reach a score")
    func notFinite() throws {
        let copy = try ModelCopy(of: "rerankers/bert")
        var bytes = try copy.read("model.safetensors")
        for index in bytes.count - 8_000..<bytes.count { bytes[index] = 0xff }
        try copy.write(bytes, to: "model.safetensors")
        #expect(copy.failure()?.code == .invalidModel)
    }
}
