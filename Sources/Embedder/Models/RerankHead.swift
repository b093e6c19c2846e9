import Foundation
import Kernels

/// From the states of a text's tokens to its score.
protocol RerankHead: Sendable {
    /// Number of parameters that are not the encoder's.
    var parameterCount: Int { get }
    /// The steps to the score, for people to read.
    var names: [String] { get }

    /// The score of a text.
    ///
    /// - Shapes: `states`: at least one row of `columns` elements.
    func score(_ states: Span<Float>, columns: Int) -> Float
}

/// The head of a cross-encoder: tanh(x·Wᵀ + b) of the first token's state x, and a map of that to one
/// number.
///
/// In BERT the first half is called the pooler; RoBERTa's is a part of its classifier. Arithmetic as in
/// `BertForSequenceClassification` and `RobertaForSequenceClassification` of transformers.
struct ClassificationHead: RerankHead {
    private let dense: Linear
    private let output: [Float]
    private let bias: Float
    private let activation: ModelTask.Activation

    var parameterCount: Int { dense.parameterCount + output.count + 1 }
    var names: [String] { ["first token", "classifier", activation.rawValue.lowercased()] }

    /// One vector a text: in f32, whatever the encoder's precision.
    private static let kernels = EncoderKernels(.f32)

    /// Reads the weights of a head.
    ///
    /// - Parameters:
    ///   - folder: the model's.
    ///   - architecture: an encoder.
    ///   - width: elements of a state.
    ///   - activation: what becomes of the number.
    /// - Throws: `EmbedderError` with code `invalidModel` naming every tensor that does not fit.
    init(
        folder: ModelFolder,
        architecture: ModelArchitecture,
        width: Int,
        activation: ModelTask.Activation
    ) throws(EmbedderError) {
        let (denseName, outputName) =
            architecture == .bert
            ? ("pooler.dense", "classifier") : ("classifier.dense", "classifier.out_proj")
        let weights = try WeightMap(
            [
                WeightMap.Expectation(name: denseName + ".weight", shape: [width, width]),
                WeightMap.Expectation(name: denseName + ".bias", shape: [width]),
                WeightMap.Expectation(name: outputName + ".weight", shape: [1, width]),
                WeightMap.Expectation(name: outputName + ".bias", shape: [1]),
            ],
            in: folder.safetensors(),
            prefixes: ["", "bert."]
        )
        dense = Linear(weights, names: [denseName], inputs: width, kernels: Self.kernels)
        output = weights.floats(outputName + ".weight")
        bias = weights.floats(outputName + ".bias")[0]
        self.activation = activation
    }

    func score(_ states: Span<Float>, columns: Int) -> Float {
        let first = Pooling.firstToken.apply(to: states, columns: columns)
        let hidden = dense.apply(to: first, kernels: Self.kernels).map { tanh($0) }
        let number = VectorMath.dot(hidden, output) + bias
        return activation == .sigmoid ? sigmoid(number) : number
    }
}

/// The head of a language model that is asked a question of yes or no: how much likelier "yes" is than
/// "no" as the next token.
///
/// The share of "yes" among the two is the sigmoid of the difference of their logits, which is the last
/// token's state times the difference of two rows of the output matrix: no other row is read.
struct AnswerHead: RerankHead {
    private let difference: [Float]

    var parameterCount: Int { 0 }
    var names: [String] { ["last token", "yes against no", "sigmoid"] }

    /// The token ids of the two answers.
    struct Tokens: Sendable, Hashable {
        let yes: Int32
        let no: Int32
    }

    /// Reads two rows of a model's output matrix.
    ///
    /// - Parameters:
    ///   - folder: the model's.
    ///   - shape: the decoder's.
    ///   - isTied: whether the output matrix is the table of embeddings.
    ///   - tokens: the answers.
    /// - Throws: `EmbedderError` with code `invalidModel` when the matrix does not fit, or an answer is
    ///   none of its rows.
    init(
        folder: ModelFolder,
        shape: EncoderShape,
        isTied: Bool,
        tokens: Tokens
    ) throws(EmbedderError) {
        for id in [tokens.yes, tokens.no] where id < 0 || Int(id) >= shape.vocabularyCount {
            throw EmbedderError(
                .invalidModel,
                "the tokenizer has an answer as id \(id); the model has ids 0 to "
                    + "\(shape.vocabularyCount - 1)"
            )
        }
        let name = isTied ? "embed_tokens.weight" : "lm_head.weight"
        let weights = try WeightMap(
            [WeightMap.Expectation(name: name, shape: [shape.vocabularyCount, shape.hiddenSize])],
            in: folder.safetensors(),
            prefixes: ["", "model."]
        )
        let yes = weights.row(Int(tokens.yes), of: name)
        let no = weights.row(Int(tokens.no), of: name)
        difference = zip(yes, no).map { $0 - $1 }
    }

    func score(_ states: Span<Float>, columns: Int) -> Float {
        let last = states.extracting(states.count - columns..<states.count)
        return sigmoid(VectorMath.dot(last, difference.span))
    }
}

/// 1 / (1 + e^-x); 0 and 1 where a Float can no longer tell.
private func sigmoid(_ value: Float) -> Float { 1 / (1 + exp(-value)) }
