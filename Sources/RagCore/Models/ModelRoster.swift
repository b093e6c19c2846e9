internal import Foundation

/// Which models there are, and under which names: the operator's entries, and the folders of the
/// models folder that no entry names, each under its own name.
///
/// A value. A name from a request is only ever looked up here; it never becomes part of a path.
package struct ModelRoster: Sendable {
    /// One model that requests can name.
    package struct Model: Sendable {
        /// What was said of it; nothing but its id for a folder without an entry.
        package let entry: ModelEntry
        /// Where its files are.
        package let path: String
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
            let place = "model[\(index)]"
            try entry.validate(path: place)
            let names =
                [(entry.id, "\(place).id")]
                + entry.aliases.enumerated().map { ($1, "\(place).aliases[\($0)]") }
            for (name, param) in names {
                if let other = indexByName.updateValue(index, forKey: name) {
                    throw Self.taken(name, by: "model[\(other)]", param: param)
                }
            }
            let folder = entry.folder ?? entry.id
            let path = folder.hasPrefix("/") ? folder : "\(directory)/\(folder)"
            claimed.insert(folder)
            models.append(Model(entry: entry, path: path))
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
            models.append(Model(entry: ModelEntry(id: folder), path: "\(directory)/\(folder)"))
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

    /// Entries whose folder has no model in it, each with what to do.
    package var missing: [String] {
        models.filter { !FileManager.default.fileExists(atPath: "\($0.path)/config.json") }
            .map { model in
                "model '\(model.entry.id)': there is no \(model.path)/config.json; put the model there, "
                    + "or correct folder"
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
