extension ModelFolder {
    /// The most files that a model's weights may be split into.
    private static let shardsMax = 1_000

    /// Opens the weights in this folder: `model.safetensors`, or the files that
    /// `model.safetensors.index.json` lists.
    ///
    /// - Throws: `EmbedderError` with code `modelNotFound` when a file is missing, `invalidModel` when
    ///   one is damaged, the index names a path, a tensor is in another file than the index says, or
    ///   two files hold a tensor of the same name.
    func safetensors() throws(EmbedderError) -> [SafetensorsFile] {
        let single = "model.safetensors"
        let name = single + ".index.json"
        guard !contains(single), let index = try decodeIfPresent(ShardIndex.self, from: name) else {
            return [try SafetensorsFile(path: path(of: single))]
        }
        let names = Set(index.files.values).sorted()
        guard names.count <= Self.shardsMax else {
            throw EmbedderError(
                .invalidModel,
                "\(path(of: name)) names \(names.count) files; at most \(Self.shardsMax) are read"
            )
        }
        var files: [SafetensorsFile] = []
        var owners: [String: String] = [:]
        for shard in names {
            guard shard.hasSuffix(".safetensors"), !shard.contains("/"), !shard.hasPrefix(".")
            else {
                throw EmbedderError(.invalidModel, "\(path(of: name)) names the file \"\(shard)\"")
            }
            guard contains(shard) else {
                throw EmbedderError(
                    .modelNotFound,
                    "\(path(of: name)) names \(shard), which is not in the folder"
                )
            }
            let file = try SafetensorsFile(path: path(of: shard))
            for tensor in file.header.tensors.keys {
                if let other = owners.updateValue(shard, forKey: tensor) {
                    throw EmbedderError(
                        .invalidModel,
                        "\(tensor) is in \(other) and in \(shard) of \(path)"
                    )
                }
            }
            files.append(file)
        }
        for (tensor, shard) in index.files where owners[tensor] != shard {
            throw EmbedderError(
                .invalidModel,
                "\(path(of: name)) has \(tensor) in \(shard); it is "
                    + (owners[tensor].map { "in \($0)" } ?? "in no file")
            )
        }
        return files
    }
}

private struct ShardIndex: Decodable {
    /// The file of each tensor.
    let files: [String: String]

    enum CodingKeys: String, CodingKey {
        case files = "weight_map"
    }
}
