/// What a sentence-transformers model does, module after module: `modules.json`.
///
/// The file must be there. Without it nothing says how token states become a vector, and a guess
/// would give vectors that look right and rank wrongly.
struct ModuleList {
    /// A kind of module that this implementation computes.
    enum Kind: String {
        case transformer = "Transformer"
        case pooling = "Pooling"
        case dense = "Dense"
        case normalize = "Normalize"
    }

    /// A step after pooling, on the text's vector.
    struct HeadModule {
        let kind: Kind
        let path: String
    }

    /// The folder of the transformer, relative to the model's; often empty.
    let transformerPath: String
    /// The folder of the pooling module.
    let poolingPath: String
    /// The steps after pooling, in order.
    let head: [HeadModule]

    /// Reads a model's list: one transformer, one pooling, then any number of steps.
    init(folder: ModelFolder) throws(EmbedderError) {
        guard let file = try folder.decodeIfPresent([Entry].self, from: "modules.json") else {
            throw EmbedderError(
                .modelNotFound,
                "\(folder.path(of: "modules.json")) is missing, and nothing else says how the model "
                    + "pools; save the model with sentence-transformers"
            )
        }
        var modules: [HeadModule] = []
        for entry in file.sorted(by: { $0.index < $1.index }) {
            modules.append(HeadModule(kind: try entry.kind(), path: entry.path))
        }
        guard
            modules.count >= 2, modules[0].kind == .transformer, modules[1].kind == .pooling,
            modules.dropFirst(2).allSatisfy({ $0.kind == .dense || $0.kind == .normalize })
        else {
            throw EmbedderError(
                .unsupportedModel,
                "modules.json lists \(modules.map(\.kind.rawValue)); supported is Transformer, "
                    + "Pooling, then Dense and Normalize"
            )
        }
        transformerPath = modules[0].path
        poolingPath = modules[1].path
        head = Array(modules.dropFirst(2))
    }
}

private struct Entry: Decodable {
    let index: Int
    let path: String
    /// The module's class: `sentence_transformers.models.Pooling` or, in newer files, a longer path.
    let type: String

    enum CodingKeys: String, CodingKey {
        case index = "idx"
        case path
        case type
    }

    func kind() throws(EmbedderError) -> ModuleList.Kind {
        let name = type.split(separator: ".").last.map(String.init) ?? ""
        guard type.hasPrefix("sentence_transformers."), let kind = ModuleList.Kind(rawValue: name)
        else {
            throw EmbedderError(.unsupportedModel, "modules.json: module type \"\(type)\"")
        }
        return kind
    }
}
