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

    /// Loads a model in bf16, or in f32 where its heads do not fill words.
    static func bf16OrF32<Model>(
        _ load: (ComputePrecision) throws(EmbedderError) -> Model
    ) throws(EmbedderError) -> Model {
        do throws(EmbedderError) {
            return try load(.bf16)
        } catch {
            guard error.code == .unsupportedModel else { throw error }
            return try load(.f32)
        }
    }
}

extension EmbeddingModel {
    /// Loads the model in a folder, in a precision that is chosen here when the setting is `auto`.
    ///
    /// For `auto` that is bf16 for Qwen3: its files hold no more, it would need twice the memory in f32,
    /// and int8 is for whoever asks for it. Another model is loaded in f32 first, its vectors of the
    /// gate's sentences are kept, and it is given back before the next one is loaded: at no time are
    /// two in memory.
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
            let folder = try ModelFolder(path: directory)
            let transformer = try folder.subfolder(ModuleList(folder: folder).transformerPath)
            if try ModelArchitecture(folder: transformer) == .qwen3 {
                return try PrecisionSetting.bf16OrF32 { precision throws(EmbedderError) in
                    try load(directory: directory, name: name, precision: precision)
                }
            }
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
