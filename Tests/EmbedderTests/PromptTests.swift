import Embedder
import Foundation
import TestSupport
import Testing

@Suite("Prompts")
struct PromptTests {
    private static func model(_ configuration: String?) throws -> EmbeddingModel {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/model"
        try FileManager.default.copyItem(atPath: EmbeddingFixtures.path("tiny/cls"), toPath: path)
        if let configuration {
            try Data(configuration.utf8).write(
                to: URL(fileURLWithPath: path + "/config_sentence_transformers.json")
            )
        }
        return try EmbeddingModel.load(directory: path, name: "prompted")
    }

    @Test("a model without the file has none")
    func none() throws {
        let model = try Self.model(nil)
        #expect(model.reading.queryPrompt.isEmpty && model.reading.documentPrompt.isEmpty)
        #expect(model.reading.defaultPrompt.isEmpty)
    }

    @Test("queries and passages have their own")
    func named() throws {
        let model = try Self.model(#"{"prompts": {"query": "query: ", "passage": "passage: "}}"#)
        #expect(
            model.reading.queryPrompt == "query: " && model.reading.documentPrompt == "passage: "
        )
        #expect(model.reading.defaultPrompt.isEmpty)
    }

    @Test("the default prompt stands in for those that are missing")
    func fallback() throws {
        let model = try Self.model(
            #"{"prompts": {"query": "q ", "any": "text "}, "default_prompt_name": "any"}"#
        )
        #expect(model.reading.queryPrompt == "q " && model.reading.documentPrompt == "text ")
        #expect(model.reading.defaultPrompt == "text ")
    }

    @Test(
        "a malformed file is an error",
        arguments: [
            "", "[]", #"{"prompts": {"query": 1}}"#, #"{"prompts": []}"#,
            #"{"prompts": {}, "default_prompt_name": "any"}"#,
        ]
    )
    func malformed(configuration: String) {
        let error = #expect(throws: EmbedderError.self) { _ = try Self.model(configuration) }
        #expect(error?.code == .invalidModel)
    }
}
