import Foundation
import Kernels

/// A learned map from the pooled vector to the model's: a `Dense` module.
package struct DenseHead: Sendable {
    private let linear: Linear
    private let activation: Activation

    /// Elements of the result.
    package var outputs: Int { linear.outputs }

    /// Number of parameters.
    var parameterCount: Int { linear.parameterCount }

    /// Bytes of the weights in memory.
    var byteCount: Int { linear.byteCount }

    /// One vector a text: in f32, whatever the encoder's precision.
    private static let kernels = EncoderKernels(.f32)

    /// The functions that published models use here.
    private enum Activation: String {
        case identity = "torch.nn.modules.linear.Identity"
        case tanh = "torch.nn.modules.activation.Tanh"
        case relu = "torch.nn.modules.activation.ReLU"
    }

    /// The widest output that is read: a few times the largest published one.
    private static let outputsMax = 16_384

    /// Reads a module's folder.
    ///
    /// - Parameters:
    ///   - folder: holds `config.json` and `model.safetensors`.
    ///   - inputs: elements of the vector before this module, which the file must agree with.
    /// - Throws: `EmbedderError` when a file is missing, malformed, or asks for something else.
    init(folder: ModelFolder, inputs: Int) throws(EmbedderError) {
        let file = try folder.decode(DenseFile.self, from: "config.json")
        let path = folder.path(of: "config.json")
        guard file.inputs == inputs, file.outputs >= 1, file.outputs <= Self.outputsMax else {
            throw EmbedderError(
                .invalidModel,
                "\(path): maps \(file.inputs) to \(file.outputs) elements; the vector has \(inputs)"
            )
        }
        guard let activation = Activation(rawValue: file.activation) else {
            throw EmbedderError(
                .unsupportedModel,
                "\(path): activation_function \"\(file.activation)\""
            )
        }
        // Newer files can send the map to other places than the text's vector.
        for name in [file.inputName, file.outputName]
        where (name ?? file.vectorName) != file.vectorName {
            throw EmbedderError(.unsupportedModel, "\(path): maps \"\(name ?? "")\"")
        }
        var expectations = [
            WeightMap.Expectation(name: "linear.weight", shape: [file.outputs, inputs])
        ]
        if file.hasBias {
            expectations.append(WeightMap.Expectation(name: "linear.bias", shape: [file.outputs]))
        }
        let weights = try WeightMap(
            expectations,
            in: folder.safetensors()
        )
        self.activation = activation
        linear = Linear(
            weights: [weights.floats("linear.weight")],
            biases: [
                file.hasBias
                    ? weights.floats("linear.bias") : [Float](repeating: 0, count: file.outputs)
            ],
            inputs: inputs,
            kernels: Self.kernels
        )
    }

    /// The map of one vector.
    package func apply(to vector: [Float]) -> [Float] {
        let result = linear.apply(to: vector, kernels: Self.kernels)
        switch activation {
        case .identity: return result
        case .tanh: return result.map { tanh($0) }
        case .relu: return result.map { max($0, 0) }
        }
    }
}

private struct DenseFile: Decodable {
    let inputs: Int
    let outputs: Int
    let hasBias: Bool
    let activation: String
    let inputName: String?
    let outputName: String?

    /// What sentence-transformers calls the text's vector.
    var vectorName: String { "sentence_embedding" }

    enum CodingKeys: String, CodingKey {
        case inputs = "in_features"
        case outputs = "out_features"
        case hasBias = "bias"
        case activation = "activation_function"
        case inputName = "module_input_name"
        case outputName = "module_output_name"
    }
}
