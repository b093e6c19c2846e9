import Kernels

/// The architecture that `config.json` names.
enum ModelArchitecture: String, CaseIterable {
    case bert
    case roberta
    case xlmRoberta = "xlm-roberta"
    case qwen3

    /// Reads it.
    ///
    /// - Throws: `EmbedderError` with code `unsupportedModel` for another one, naming those there are.
    init(folder: ModelFolder) throws(EmbedderError) {
        let file = try folder.decode(ArchitectureFile.self, from: "config.json")
        guard let architecture = ModelArchitecture(rawValue: file.modelType) else {
            let supported = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw EmbedderError(
                .unsupportedModel,
                "config.json: model_type \"\(file.modelType)\"; supported are \(supported)"
            )
        }
        self = architecture
    }

    /// Loads the transformer in a folder of this architecture.
    func encoder(
        folder: ModelFolder,
        precision: ComputePrecision
    ) throws(EmbedderError) -> any TransformerEncoder {
        switch self {
        case .bert, .roberta, .xlmRoberta:
            return try BERTEncoder(
                configuration: BERTConfiguration(folder: folder, architecture: self),
                files: folder.safetensors(),
                precision: precision
            )
        case .qwen3:
            return try Qwen3Encoder(
                configuration: Qwen3Configuration(folder: folder),
                files: folder.safetensors(),
                precision: precision
            )
        }
    }
}

private struct ArchitectureFile: Decodable {
    let modelType: String

    enum CodingKeys: String, CodingKey {
        case modelType = "model_type"
    }
}
