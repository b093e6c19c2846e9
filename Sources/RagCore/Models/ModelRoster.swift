internal import Foundation

/// Which models there are, and under which names: the operator's entries, and the folders of the
/// models folder that no entry names, each under its own name.
///
/// A value. A name from a request is only ever looked up here; it never becomes part of a path.
package struct ModelRoster: Sendable {
    /// One model that requests can name.
    package struct Model: Sendable {
        /// Where a model is.
        package enum Place: Sendable, Hashable, CustomStringConvertible {
            /// In a folder of this path.
            case folder(String)
            /// At a server; one that embeds has the folder of its tokenizer here.
            case server(RemoteEndpoint, tokenizer: String?)

            /// As in "in models/mini", for people.
            package var description: String {
                switch self {
                case .folder(let path): "in \(path)"
                case .server(let endpoint, nil): "at \(endpoint.url)"
                case .server(let endpoint, let tokenizer?):
                    "at \(endpoint.url), tokenizer in \(tokenizer)"
                }
            }
        }

        /// What was said of it; nothing but its id for a folder without an entry.
        package let entry: ModelEntry
        /// Where it is.
        package let place: Place
    }

    /// The models, by id.
    package let models: [Model]

    private let indexByName: [String: Int]

    /// Makes the roster of a models folder.
    ///
    /// - Parameters:
    ///   - entries: what the operator says.
    ///   - directory: the models folder.
    ///   - folders: names of its subfolders that hold a model.
    ///   - isStrict: whether a folder may not be called as an entry is; otherwise the entry hides it.
    /// - Throws: `invalid` with the entry's place as `param`, when an entry makes no sense or two
    ///   models would answer to one name.
    package init(
        entries: [ModelEntry],
        directory: String,
        folders: [String],
        isStrict: Bool
    ) throws(RagError) {
        var models: [Model] = []
        var indexByName: [String: Int] = [:]
        var claimed: Set<String> = []
        for (index, entry) in entries.enumerated() {
            let param = "model[\(index)]"
            try entry.validate(path: param)
            let names =
                [(entry.id, "\(param).id")]
                + entry.aliases.enumerated().map { ($1, "\(param).aliases[\($0)]") }
            for (name, param) in names {
                if let other = indexByName.updateValue(index, forKey: name) {
                    throw Self.taken(name, by: "model[\(other)]", param: param)
                }
            }
            func path(_ folder: String) -> String {
                folder.hasPrefix("/") ? folder : "\(directory)/\(folder)"
            }
            let place: Model.Place
            if let remote = entry.remote {
                // The folder of a tokenizer may be that of a model, which is still a model of its own.
                place = .server(remote, tokenizer: entry.tokenizer.map(path))
            } else {
                let folder = entry.folder ?? entry.id
                claimed.insert(folder)
                place = .folder(path(folder))
            }
            models.append(Model(entry: entry, place: place))
        }
        for folder in folders where !claimed.contains(folder) {
            if let other = indexByName[folder] {
                guard isStrict else { continue }
                let entry = entries[other]
                let alias = entry.aliases.firstIndex(of: folder)
                throw Self.taken(
                    folder,
                    by: "the folder \(directory)/\(folder)",
                    param: "model[\(other)]." + (alias.map { "aliases[\($0)]" } ?? "id")
                )
            }
            indexByName[folder] = models.count
            models.append(
                Model(entry: ModelEntry(id: folder), place: .folder("\(directory)/\(folder)"))
            )
        }
        self.models = models
        self.indexByName = indexByName
    }

    /// Ids of the entries by each of their names.
    var entryIDs: [String: String] {
        Dictionary(
            models.flatMap { model in
                ([model.entry.id] + model.entry.aliases).map { ($0, model.entry.id) }
            },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The model of a name: an id, an alias, or a folder without an entry.
    package func model(_ name: String) -> Model? { indexByName[name].map { models[$0] } }

    /// Entries whose folder does not hold what it should, each with what to do.
    package var missing: [String] {
        models.compactMap { model in
            let (file, mend) =
                switch model.place {
                case .folder(let path):
                    ("\(path)/config.json", "put the model there, or correct folder")
                case .server(_, let path?):
                    (
                        "\(path)/tokenizer.json",
                        "put that of the model's repository there, or correct tokenizer"
                    )
                case .server(_, nil): ("", "")
                }
            guard !file.isEmpty, !FileManager.default.fileExists(atPath: file) else { return nil }
            return "model '\(model.entry.id)': there is no \(file); \(mend)"
        }
    }

    /// Names of the subfolders of a models folder that hold a `config.json`.
    package static func folders(in directory: String) -> [String] {
        let manager = FileManager.default
        let names = (try? manager.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { name in
            !name.hasPrefix(".") && manager.fileExists(atPath: "\(directory)/\(name)/config.json")
        }
        .sorted()
    }

    private static func taken(_ name: String, by other: String, param: String) -> RagError {
        RagError(
            .invalid,
            "the name '\(name)' is taken by \(other); a name stands for one model",
            param: param
        )
    }
}
