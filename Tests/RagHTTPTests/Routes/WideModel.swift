import Foundation
import TestSupport

/// A folder with an embedding model of Qwen3's family: one layer of random weights, of any width, and the
/// tokenizer of a fixture.
enum WideModel {
    private static let vocabularyCount = 266
    private static let headSize = 8
    private static let innerSize = 16

    /// Writes the model.
    ///
    /// - Parameters:
    ///   - folder: where; made here.
    ///   - width: elements of a state, and of a text's vector.
    /// - Throws: when a file cannot be written.
    static func write(to folder: URL, width: Int) throws {
        let pooling = folder.appendingPathComponent("1_Pooling")
        try FileManager.default.createDirectory(at: pooling, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: ModelsFolder.packageRoot.appendingPathComponent(
                "Tests/EmbedderTests/Fixtures/rerankers/qwen3-tied/tokenizer.json"
            ),
            to: folder.appendingPathComponent("tokenizer.json")
        )
        let texts = [
            "modules.json": """
            [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
             {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
             {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
            """,
            "1_Pooling/config.json": """
            {"word_embedding_dimension": \(width), "pooling_mode_lasttoken": true, "include_prompt": true}
            """,
            "config.json": """
            {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "hidden_act": "silu",
             "hidden_size": \(width), "intermediate_size": \(innerSize), "num_hidden_layers": 1,
             "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": \(headSize),
             "max_position_embeddings": 64, "vocab_size": \(vocabularyCount), "rms_norm_eps": 1e-06,
             "rope_theta": 1000000}
            """,
        ]
        for (name, text) in texts {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        }
        try weights(width: width).write(to: folder.appendingPathComponent("model.safetensors"))
    }

    private static func weights(width: Int) -> Data {
        let layer = "layers.0."
        let shapes: [(name: String, shape: [Int])] = [
            ("embed_tokens.weight", [vocabularyCount, width]), ("norm.weight", [width]),
            (layer + "input_layernorm.weight", [width]),
            (layer + "post_attention_layernorm.weight", [width]),
            (layer + "self_attn.q_proj.weight", [2 * headSize, width]),
            (layer + "self_attn.k_proj.weight", [headSize, width]),
            (layer + "self_attn.v_proj.weight", [headSize, width]),
            (layer + "self_attn.o_proj.weight", [width, 2 * headSize]),
            (layer + "self_attn.q_norm.weight", [headSize]),
            (layer + "self_attn.k_norm.weight", [headSize]),
            (layer + "mlp.gate_proj.weight", [innerSize, width]),
            (layer + "mlp.up_proj.weight", [innerSize, width]),
            (layer + "mlp.down_proj.weight", [width, innerSize]),
        ]
        var members: [String] = []
        var data = Data()
        var random = SeededRandom(seed: 1)
        for (name, shape) in shapes {
            let start = data.count
            for _ in 0..<shape.reduce(1, *) {
                // bf16: the upper half of a number between 0.25 and 1 in size, of either sign.
                let bits = UInt16(truncatingIfNeeded: random.next())
                let half = 0x3e80 | bits & 0x80ff
                data.append(UInt8(truncatingIfNeeded: half))
                data.append(UInt8(truncatingIfNeeded: half >> 8))
            }
            members.append(
                "\"\(name)\":{\"dtype\":\"BF16\",\"shape\":\(shape),"
                    + "\"data_offsets\":[\(start),\(data.count)]}"
            )
        }
        let header = Data("{\(members.joined(separator: ","))}".utf8)
        let length = UInt64(header.count)
        return Data((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }) + header + data
    }
}
