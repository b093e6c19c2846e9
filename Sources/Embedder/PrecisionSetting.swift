public import Kernels

/// Which precision a model is to be loaded in.
public enum PrecisionSetting: Sendable, Hashable, CustomStringConvertible {
    /// The fastest that the CPU has instructions for and in which the model passes the
    /// `PrecisionGate`.
    case auto
    /// This one, whatever it costs in speed or quality.
    case fixed(ComputePrecision)

    /// "auto", or a precision's name; nil for anything else.
    public init?(_ text: String) {
        if text == "auto" {
            self = .auto
        } else if let precision = ComputePrecision(rawValue: text) {
            self = .fixed(precision)
        } else {
            return nil
        }
    }

    /// What `init` takes.
    public static var names: [String] { ["auto"] + ComputePrecision.allCases.map(\.rawValue) }

    /// What `init` reads.
    public var description: String {
        switch self {
        case .auto: "auto"
        case .fixed(let precision): precision.rawValue
        }
    }
}

extension EmbeddingModel {
    /// Loads the model in a folder, in a precision that is chosen here when the setting is `auto`.
    ///
    /// For `auto` the model is loaded in f32 first, its vectors of the gate's sentences are kept, and
    /// it is given back before the next one is loaded: at no time are two in memory.
    ///
    /// - Throws: as `load(directory:name:precision:)`.
    public static func load(
        directory: String,
        name: String,
        setting: PrecisionSetting
    ) throws(EmbedderError) -> EmbeddingModel {
        switch setting {
        case .fixed(let precision):
            return try load(directory: directory, name: name, precision: precision)
        case .auto:
            let candidates = [ComputePrecision.int8, .bf16].filter(\.isNative)
            guard !candidates.isEmpty else {
                return try load(directory: directory, name: name, precision: .f32)
            }
            let reference = try PrecisionGate.vectors(
                of: load(directory: directory, name: name, precision: .f32)
            )
            for precision in candidates {
                do throws(EmbedderError) {
                    let model = try load(directory: directory, name: name, precision: precision)
                    let agreement = PrecisionAgreement(
                        of: try PrecisionGate.vectors(of: model),
                        with: reference
                    )
                    if PrecisionGate.passes(agreement, in: precision) { return model }
                } catch {
                    // Heads that do not fill words: another precision may take the model.
                    guard error.code == .unsupportedModel else { throw error }
                }
            }
            return try load(directory: directory, name: name, precision: .f32)
        }
    }
}
