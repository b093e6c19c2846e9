import Embedder
import Foundation
import Kernels
import TestSupport
import Testing

@Suite("Precision settings")
struct PrecisionSettingTests {
    @Test("names are read, and nothing else is")
    func names() {
        for name in PrecisionSetting.names {
            #expect(PrecisionSetting(name)?.description == name)
        }
        for text in ["", "fp16", "INT8", "f32 ", "bf-16"] { #expect(PrecisionSetting(text) == nil) }
    }

    @Test(
        "auto takes the fastest native precision that passes the gate, and f32 when none does",
        arguments: EmbeddingFixtures.tinyModels
    )
    func auto(name: String) throws {
        let folder = try EmbeddingFixtures.path(name)
        let reference = try PrecisionGate.vectors(
            of: EmbeddingModel.load(directory: folder, name: name)
        )
        let expected = try [ComputePrecision.int8, .bf16].first { precision in
            guard precision.isNative else { return false }
            // One of them has heads of odd size, which only f32 takes.
            guard
                let model = try? EmbeddingModel.load(
                    directory: folder,
                    name: name,
                    precision: precision
                )
            else { return false }
            let agreement = PrecisionAgreement(
                of: try PrecisionGate.vectors(of: model),
                with: reference
            )
            return PrecisionGate.passes(agreement, in: precision)
        }
        let chosen = try EmbeddingModel.load(directory: folder, name: name, setting: .auto)
        #expect(chosen.precision == expected ?? .f32)
    }

    @Test("the default model is int8 where the CPU has it")
    func defaultModel() throws {
        let model = try EmbeddingModel.load(
            directory: EmbeddingFixtures.modelFolder(),
            name: "default",
            setting: .auto
        )
        #expect(model.precision == (ComputePrecision.int8.isNative ? .int8 : .f32))
    }

    @Test("Qwen3 is bf16, and int8 only when asked for")
    func decoder() throws {
        let folder = try TemporaryDirectory()
        for (from, to) in [
            ("architectures/qwen3-grouped/config.json", "config.json"),
            ("architectures/qwen3-grouped/model.safetensors", "model.safetensors"),
            ("architectures/qwen3-grouped/modules.json", "modules.json"),
            ("architectures/qwen3-grouped/1_Pooling", "1_Pooling"),
            ("rerankers/qwen3-tied/tokenizer.json", "tokenizer.json"),
        ] {
            try FileManager.default.copyItem(
                atPath: EmbeddingFixtures.path(from),
                toPath: folder.path + "/" + to
            )
        }
        for (setting, expected) in [
            (PrecisionSetting.auto, ComputePrecision.bf16), (.fixed(.int8), .int8),
        ] {
            let model = try EmbeddingModel.load(
                directory: folder.path,
                name: "decoder",
                setting: setting
            )
            #expect(model.precision == expected)
        }
    }

    @Test("agreement is of vectors' directions")
    func agreement() {
        let one = PrecisionAgreement(of: [[2, 0], [0, 1]], with: [[1, 0], [1, 0]])
        #expect(one.meanCosine == 0.5 && one.minCosine == 0)
        #expect(!PrecisionGate.passes(one, in: .int8) && !PrecisionGate.passes(one, in: .bf16))
        let same = PrecisionAgreement(of: [[3, 4]], with: [[3, 4]])
        #expect(PrecisionGate.passes(same, in: .int8) && PrecisionGate.passes(same, in: .bf16))
    }
}
