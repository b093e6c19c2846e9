public import Foundation

/// Where the tests find the real model.
public enum ModelsFolder {
    /// `RAGD_MODELS`, or `models/` beside the package's manifest.
    ///
    /// - Throws: `Missing` when the default model is not in it: a missing model is a failure, never
    ///   a skipped test.
    public static func path() throws -> String {
        let folder =
            ProcessInfo.processInfo.environment["RAGD_MODELS"]
            ?? packageRoot.appendingPathComponent("models").path
        let model = "\(folder)/all-MiniLM-L6-v2/config.json"
        guard FileManager.default.fileExists(atPath: model) else {
            throw Missing(description: "there is no \(model); 'make model' fetches it")
        }
        return folder
    }

    /// The folder of the package's manifest.
    public static var packageRoot: URL {
        URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    /// The model is not there.
    public struct Missing: Error, CustomStringConvertible {
        /// What is missing and how to get it.
        public let description: String
    }
}
