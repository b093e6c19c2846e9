import Embedder
import Foundation
import TestSupport
import Testing

extension FuzzedFiles {
    /// The JSON files of a model: refused with their name, or a model that works.
    @Suite("Index and configuration")
    struct Configuration {
        private static let indexName = "model.safetensors.index.json"

        @Test("an index that names a file which is not there, or not the one")
        func index() throws {
            let names = [
                "", ".", "..", "/", "config.json", "model.safetensors", "/etc/passwd.safetensors",
                "../model.safetensors", "a/b.safetensors", ".safetensors", "\u{0}.safetensors",
                "\u{2028}.safetensors", String(repeating: "a", count: 5_000) + ".safetensors",
                "model-00001-of-00008.safetensors ",
            ]
            let models = try ["architectures/qwen3-plain", "rerankers/qwen3-untied"].map {
                try ModelCopy(of: $0)
            }
            let originals = try models.map { try $0.read(Self.indexName) }
            try FuzzBudget.run("index naming a missing shard") { random in
                let number = Int.random(in: 0..<models.count, using: &random)
                let (model, original) = (models[number], originals[number])
                let bytes = try Self.renamed(original, to: names, using: &random)
                try model.write(bytes, to: Self.indexName)
                defer { try? model.write(original, to: Self.indexName) }
                guard let error = model.failure(), error.code != .invalidInput,
                    error.message.contains(Self.indexName) || error.message.contains(".safetensors")
                else { throw FuzzFailure(description: "loads, or the error names no file") }
            }
        }

        /// An index with the file of one tensor or more replaced.
        private static func renamed(
            _ index: [UInt8],
            to names: [String],
            using random: inout SeededRandom
        ) throws -> [UInt8] {
            var root = try #require(
                try JSONSerialization.jsonObject(with: Data(index)) as? [String: Any]
            )
            var map = try #require(root["weight_map"] as? [String: String])
            let tensors = map.keys.sorted()
            let files = Set(map.values).sorted()
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let tensor = tensors[Int.random(in: 0..<tensors.count, using: &random)]
                var name = names[Int.random(in: 0..<names.count, using: &random)]
                if Bool.random(using: &random) {
                    name = files[Int.random(in: 0..<files.count, using: &random)]
                    if name == map[tensor] { name += ".safetensors" }
                }
                map[tensor] = name
            }
            // All may be back where they were.
            if map == root["weight_map"] as? [String: String] { map[tensors[0]] = "x.safetensors" }
            root["weight_map"] = map
            return Array(try JSONSerialization.data(withJSONObject: root, options: .sortedKeys))
        }

        @Test("any damage to a JSON file")
        func anyDamage() throws {
            let subjects = try [
                "architectures/qwen3-plain", "architectures/qwen3-grouped",
                "architectures/xlm-roberta", "tiny/dense", "tiny/cls", "rerankers/qwen3-tied",
                "rerankers/bert",
            ].flatMap { name in
                let model = try ModelCopy(of: name)
                return try [
                    "config.json", "modules.json", "1_Pooling/config.json", "2_Dense/config.json",
                    "sentence_bert_config.json", "tokenizer_config.json", Self.indexName,
                ].filter { FileManager.default.fileExists(atPath: model.path + "/" + $0) }
                    .map { file in
                        let original = try model.read(file)
                        return (model, file, original, JSONDamage(original))
                    }
            }
            try FuzzBudget.run("damaged config.json and other JSON") { random in
                let number = Int.random(in: 0..<subjects.count, using: &random)
                let (model, file, original, damage) = subjects[number]
                try model.write(damage.damaged(using: &random), to: file)
                defer { try? model.write(original, to: file) }
                guard let error = model.failure() else { return }
                guard error.code != .invalidInput, error.message.contains(".json") else {
                    throw FuzzFailure(description: "\(file): \(error)")
                }
            }
        }
    }
}
