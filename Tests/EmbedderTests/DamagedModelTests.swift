import Embedder
import Kernels
import TestSupport
import Testing

/// A model's files with bytes changed or missing: an error or a model that works, never a crash.
@Suite("Damaged models")
struct DamagedModelTests {
    private static let files = [
        "model.safetensors", "config.json", "modules.json", "1_Pooling/config.json",
        "2_Dense/config.json", "2_Dense/model.safetensors", "sentence_bert_config.json",
        "tokenizer_config.json",
    ]

    @Test("any flipped bits give an error or a working model", arguments: files)
    func flippedBits(file: String) throws {
        let copy = try ModelCopy(of: "tiny/dense")
        let original = try copy.read(file)
        var random = SeededRandom(seed: 11)
        for _ in 0..<200 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                // Half of them in the first part, where a safetensors file keeps its header.
                let end = Bool.random(using: &random) ? min(4_000, bytes.count) : bytes.count
                bytes[Int.random(in: 0..<end, using: &random)] ^= UInt8(
                    1 << Int.random(in: 0..<8, using: &random)
                )
            }
            try copy.write(bytes, to: file)
            _ = copy.failure()
        }
    }

    @Test("a file cut short is an error", arguments: files.prefix(6))
    func truncation(file: String) throws {
        let copy = try ModelCopy(of: "tiny/dense")
        let original = try copy.read(file)
        var random = SeededRandom(seed: 12)
        // A JSON file may end in a line break, which it can do without.
        let counts =
            [0, 1, 7, 8, 9, original.count - 2]
            + (0..<40).map { _ in Int.random(in: 0..<original.count - 1, using: &random) }
        for count in counts {
            try copy.write(Array(original.prefix(count)), to: file)
            #expect(
                copy.failure()?.code == .invalidModel,
                "\(count) of \(original.count) bytes"
            )
        }
    }

    @Test("bytes after the last tensor are an error")
    func extraBytes() throws {
        let copy = try ModelCopy(of: "tiny/cls")
        try copy.write(try copy.read("model.safetensors") + [0], to: "model.safetensors")
        #expect(copy.failure()?.code == .invalidModel)
    }

    @Test(
        "a header that lies is an error",
        arguments: [
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#,
            #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775807]}}"#,
            #"{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
                + #""b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
            #"{"__metadata__":{"format":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
            #"[]"#, "{}", "{",
        ]
    )
    func lyingHeader(header: String) throws {
        let copy = try ModelCopy(of: "tiny/cls")
        let length = UInt64(header.utf8.count)
        let prefix = (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) }
        try copy.write(
            prefix + Array(header.utf8) + [UInt8](repeating: 0, count: 8),
            to: "model.safetensors"
        )
        let error = try #require(copy.failure())
        #expect(error.code == .invalidModel || error.code == .unsupportedModel)
        #expect(error.message.contains("model.safetensors"))
    }

    @Test("one error names every tensor that does not fit")
    func allMismatches() throws {
        let copy = try ModelCopy(of: "tiny/cls")
        try copy.replace(
            "\"intermediate_size\": 40",
            by: "\"intermediate_size\": 41",
            in: "config.json"
        )
        let error = try #require(copy.failure())
        #expect(error.code == .invalidModel)
        #expect(error.message.contains("encoder.layer.0.intermediate.dense.weight"))
        #expect(error.message.contains("encoder.layer.2.output.dense.weight"))
        #expect(error.message.contains("[40, 24], expected [41, 24]"))
    }

    @Test("what a model lacks is named", arguments: files.prefix(6))
    func missingFile(file: String) throws {
        let copy = try ModelCopy(of: "tiny/dense")
        try copy.remove(file)
        let error = try #require(copy.failure())
        #expect(error.code == .modelNotFound)
        #expect(error.message.contains(file))
    }

    @Test(
        "an index that does not fit its files is an error that names it",
        arguments: [
            ("model-00002-of-00008.safetensors", "model-00009-of-00008.safetensors"),
            ("model-00002-of-00008.safetensors", "model-00003-of-00008.safetensors"),
            ("model-00002-of-00008.safetensors", "../model-00002-of-00008.safetensors"),
            ("model-00002-of-00008.safetensors", "config.json"),
            ("\"weight_map\"", "\"weights\""),
            ("model.norm.weight", "model.norm.scale"),
        ]
    )
    func shardIndex(text: String, other: String) throws {
        let copy = try ModelCopy(of: "architectures/qwen3-plain")
        #expect(copy.failure() == nil)
        try copy.replace(text, by: other, in: "model.safetensors.index.json")
        let error = try #require(copy.failure())
        #expect(error.code == .invalidModel || error.code == .modelNotFound)
        #expect(error.message.contains("model"))
    }

    @Test("a tensor in two shards, or a shard cut short, is an error that names it")
    func damagedShards() throws {
        let copy = try ModelCopy(of: "architectures/qwen3-plain")
        let shard = "model-00003-of-00008.safetensors"
        let original = try copy.read(shard)
        try copy.write(Array(original.dropLast(100)), to: shard)
        #expect(copy.failure()?.message.contains(shard) == true)
        try copy.write(try copy.read("model-00004-of-00008.safetensors"), to: shard)
        let error = try #require(copy.failure())
        #expect(error.code == .invalidModel && error.message.contains("model-0000"))
    }

    @Test(
        "Qwen3 of another kind is refused by name",
        arguments: [
            ("\"silu\"", "\"gelu\""), ("\"attention_bias\": false", "\"attention_bias\": true"),
            ("\"use_sliding_window\": false", "\"use_sliding_window\": true"),
            ("\"rope_type\": \"default\"", "\"rope_type\": \"yarn\""),
        ]
    )
    func otherQwen3(text: String, other: String) throws {
        let copy = try ModelCopy(of: "architectures/qwen3-grouped")
        try copy.replace(text, by: other, in: "config.json")
        #expect(copy.failure()?.code == .unsupportedModel)
    }

    @Test("heads of odd size, which fill no words, are refused in bf16 and int8, not in f32")
    func oddHeads() throws {
        let copy = try ModelCopy(of: "tiny/mean")
        try copy.replace(
            "\"num_attention_heads\": 5",
            by: "\"num_attention_heads\": 4",
            in: "config.json"
        )
        #expect(copy.failure() == nil)
        for precision in [ComputePrecision.bf16, .int8] {
            let error = try #require(copy.failure(in: precision))
            #expect(error.code == .unsupportedModel && error.message.contains("f32"))
        }
    }

    @Test(
        "what is not computed here is refused by name",
        arguments: [
            ("config.json", "\"bert\"", "\"deberta\""),
            ("config.json", "\"gelu_new\"", "\"swish\""),
            ("config.json", "\"is_decoder\": false", "\"is_decoder\": true"),
            (
                "config.json", "\"model_type\"",
                "\"position_embedding_type\": \"relative_key\", \"model_type\""
            ),
            ("modules.json", "models.Normalize", "models.WordWeights"),
            ("modules.json", "sentence_transformers.models.Pooling", "somewhere.Pooling"),
            ("modules.json", "models.Dense", "models.Pooling"),
            ("1_Pooling/config.json", "max_tokens", "weightedmean_tokens"),
            (
                "1_Pooling/config.json", "\"pooling_mode_cls_token\": false",
                "\"pooling_mode_cls_token\": true"
            ),
            ("2_Dense/config.json", "Tanh", "Softmax"),
            ("sentence_bert_config.json", "false", "true"),
        ]
    )
    func unsupported(file: String, text: String, other: String) throws {
        let copy = try ModelCopy(of: "tiny/dense")
        try copy.replace(text, by: other, in: file)
        #expect(copy.failure()?.code == .unsupportedModel)
    }

    @Test(
        "what contradicts itself is an error",
        arguments: [
            ("config.json", "\"num_attention_heads\": 4", "\"num_attention_heads\": 5"),
            ("config.json", "\"hidden_size\": 28", "\"hidden_size\": 0"),
            ("config.json", "\"hidden_size\": 28", "\"hidden_size\": 9223372036854775807"),
            ("config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3"),
            ("config.json", "\"layer_norm_eps\": 1e-12", "\"layer_norm_eps\": -1"),
            ("config.json", "\"hidden_size\"", "\"hidden\""),
            ("1_Pooling/config.json", "28", "32"),
            ("1_Pooling/config.json", "true", "false"),
            ("1_Pooling/config.json", "true", "\"true\""),
            ("2_Dense/config.json", "28", "29"),
            ("modules.json", "1_Pooling", "../1_Pooling"),
            ("sentence_bert_config.json", "32", "41"),
        ]
    )
    func contradiction(file: String, text: String, other: String) throws {
        let copy = try ModelCopy(of: "tiny/dense")
        try copy.replace(text, by: other, in: file)
        #expect(copy.failure()?.code == .invalidModel)
    }

    @Test("weights that are not finite are an error when they reach a vector")
    func notFinite() throws {
        let copy = try ModelCopy(of: "tiny/cls")
        var bytes = try copy.read("model.safetensors")
        // The last tensor's bytes: a LayerNorm or a projection of the last layer.
        for index in bytes.count - 96..<bytes.count { bytes[index] = 0xff }
        try copy.write(bytes, to: "model.safetensors")
        #expect(copy.failure()?.code == .invalidModel)
    }
}
