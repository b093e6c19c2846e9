/// What a model is for.
public enum ModelKind: String, Sendable, Hashable, CaseIterable {
    /// Turns texts into vectors.
    case embedding
    /// Scores how well a passage answers a query.
    case reranker

    /// The kind of the model in a folder, as its own files say.
    ///
    /// A classifier of one label is a reranker. So is a language model that no `modules.json` says
    /// how to pool; with one it is an embedding model, as is every encoder that has it.
    ///
    /// - Parameter directory: the folder's path.
    /// - Returns: the kind; nil when the files do not say.
    /// - Throws: `EmbedderError` with code `modelNotFound` when the folder or its `config.json` is not
    ///   there, `invalidModel` when that is damaged.
    /// - Complexity: reads `config.json` only.
    public static func detect(directory: String) throws(EmbedderError) -> ModelKind? {
        let folder = try ModelFolder(path: directory)
        let task = try ModelTask(folder: folder)
        if task.isClassifier, task.labelCount == 1 { return .reranker }
        if folder.contains("modules.json") { return .embedding }
        return task.architecture == ModelTask.languageModel ? .reranker : nil
    }
}
