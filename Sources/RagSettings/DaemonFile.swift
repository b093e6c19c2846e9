internal import Embedder
internal import Foundation
package import Logging
package import RagCore
package import RagHTTP

/// What a configuration file says; nil where it says nothing.
package struct DaemonFile: Sendable {
    package let path: String
    package let data: String?
    package let models: String?
    package let listen: ListenAddress?
    package let defaultModel: String?
    package let precisions: ModelPrecisions?
    package let threads: Int?
    package let memory: MemorySize?
    package let log: Logger.Level?
    package let apiKey: String?
    package let entries: [ModelEntry]
    private let file: TOMLFile

    /// More threads than any machine has cores.
    static let threadsMax = 1_024

    /// Reads and checks a file.
    ///
    /// - Throws: `SettingsError` naming the file, the line, the value, what it may be, and the mend.
    package init(path: String) throws(SettingsError) {
        try self.init(TOMLFile(path: path))
    }

    /// Checks the text of a file.
    package init(path: String, text: String) throws(SettingsError) {
        try self.init(TOMLFile(path: path, text: text))
    }

    private init(_ file: TOMLFile) throws(SettingsError) {
        self.file = file
        path = file.path
        var fields = try TOMLFields(file)
        data = try fields.string("data", expected: Self.aPath) { $0.isEmpty ? nil : $0 }
        models = try fields.string("models", expected: Self.aPath) { $0.isEmpty ? nil : $0 }
        listen = try fields.string("listen", expected: "HOST:PORT, such as 127.0.0.1:7711") {
            ListenAddress($0)
        }
        defaultModel = try fields.string("default_model", expected: "a model's name") {
            $0.isEmpty ? nil : $0
        }
        precisions = try fields.string("precision", expected: Self.aPrecision) {
            PrecisionSetting($0).map { ModelPrecisions(standard: $0) }
        }
        threads = try fields.integer("threads", in: 1...Self.threadsMax)
        memory = try fields.string("memory", expected: MemorySize.expected) { MemorySize($0) }
        log = try fields.choice("log")
        apiKey = try fields.string("api_key", isSecret: true)
        if apiKey?.isEmpty == true {
            throw fields.error("api_key", "is empty; give a key, or leave it out")
        }
        var entries: [ModelEntry] = []
        let hint = "the model for requests that name none is default_model"
        for (index, table) in try fields.tables("model", hint: hint).enumerated() {
            var table = table
            let entry = try ModelEntry(&table)
            do throws(RagError) {
                try entry.validate(path: "model[\(index)]")
            } catch {
                throw file.located(error)
            }
            entries.append(entry)
        }
        self.entries = entries
        try fields.refuseUnknown()
    }

    /// The line of the file that an error of `RagCore` is about, before its message.
    package func located(_ error: RagError) -> SettingsError { file.located(error) }

    /// What is no error, and should be known: a key that every user of the machine can read.
    package var warnings: [String] {
        var warnings: [String] = []
        if apiKey != nil, Self.canBeReadByAll(path) {
            warnings.append(
                "\(path) holds api_key, and every user of this machine can read it; chmod 600 \(path), "
                    + "and give it to the user that the daemon runs as"
            )
        }
        for entry in entries {
            guard let remote = entry.remote, let key = remote.key else { continue }
            if case .file(let file) = key, Self.canBeReadByAll(file) {
                warnings.append(
                    "\(file) holds the key of model '\(entry.id)', and every user of this machine can "
                        + "read it; chmod 600 \(file)"
                )
            }
            if remote.isPlain {
                warnings.append(
                    "the key of model '\(entry.id)' goes to \(remote.url) without encryption; use https, "
                        + "or a network that nobody else reads"
                )
            }
        }
        return warnings
    }

    private static func canBeReadByAll(_ path: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let mode = (attributes?[.posixPermissions] as? NSNumber)?.intValue ?? 0
        return mode & 0o004 != 0
    }

    fileprivate static let aPath = "a folder's path"
    fileprivate static let aPrecision =
        "one of " + PrecisionSetting.names.joined(separator: ", ")
}

extension TOMLFile {
    fileprivate func located(_ error: RagError) -> SettingsError {
        guard let param = error.param, param.hasPrefix("model[") else {
            return SettingsError("\(path): \(error.message)")
        }
        return self.error(at: [Step](spelled: param), "\(param): \(error.message)")
    }
}

extension ModelEntry {
    /// Reads one `[[model]]`.
    fileprivate init(_ fields: inout TOMLFields) throws(SettingsError) {
        guard let id = try fields.string("id") else {
            throw fields.error("id", "is missing; every [[model]] needs one")
        }
        self.init(id: id)
        aliases = try fields.strings("aliases") ?? []
        folder = try fields.string("folder")
        kind = try fields.choice("kind")
        precision = try fields.string("precision", expected: DaemonFile.aPrecision) {
            PrecisionSetting($0)
        }
        tokensMax = try fields.integer("max_tokens", in: Self.tokensMaxRange)
        load = try fields.choice("load") ?? load
        queryPrompt = try fields.string("query_prompt")
        documentPrompt = try fields.string("document_prompt")
        instruction = try fields.string("instruction")
        tokenizer = try fields.string("tokenizer")
        dimensions = try fields.integer("dimensions", in: Self.dimensionsRange)
        remote = try RemoteEndpoint(&fields)
        try fields.refuseUnknown()
    }
}
