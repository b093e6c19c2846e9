/// The weights that a model needs, found in its files and checked against their shapes.
///
/// Built from the whole list of expectations, so that one error names everything that is wrong with
/// a file. Tensors that nobody asked for (a pooler, position ids) are ignored.
struct WeightMap {
    /// A tensor that the model needs.
    struct Expectation {
        let name: String
        let shape: [Int]
    }

    private let files: [SafetensorsFile]
    private let tensors: [String: Place]

    /// A tensor, and the number of its file.
    private typealias Place = (file: Int, tensor: SafetensorsHeader.Tensor)

    /// The most mismatches that an error lists.
    private static let mismatchesListedMax = 20

    /// Finds each expected tensor in one of `files`.
    ///
    /// - Parameters:
    ///   - expectations: the tensors that the model needs, by their canonical names.
    ///   - files: the files to find them in, at least one.
    ///   - prefixes: what a file may put before every name; the first that fits a name wins.
    /// - Throws: `EmbedderError` with code `invalidModel` and all mismatches.
    init(
        _ expectations: [Expectation],
        in files: [SafetensorsFile],
        prefixes: [String] = [""]
    ) throws(EmbedderError) {
        var found: [String: Place] = [:]
        var mismatches: [String] = []
        for expectation in expectations {
            let names = prefixes.flatMap { prefix in
                Self.spellings(of: expectation.name).map { prefix + $0 }
            }
            guard let place = names.lazy.compactMap({ Self.place(of: $0, in: files) }).first else {
                mismatches.append("\(expectation.name) is missing")
                continue
            }
            let tensor = place.tensor
            if tensor.shape != expectation.shape {
                mismatches.append(
                    "\(expectation.name) has shape \(tensor.shape), expected \(expectation.shape)"
                )
            } else if !tensor.element.isReadableAsFloat {
                mismatches.append("\(expectation.name) has type \(tensor.element.rawValue)")
            }
            found[expectation.name] = place
        }
        guard mismatches.isEmpty else {
            let listed = mismatches.prefix(Self.mismatchesListedMax).joined(separator: "; ")
            let rest = mismatches.count - Self.mismatchesListedMax
            throw EmbedderError(
                .invalidModel,
                "\(files.map(\.path).joined(separator: ", ")) does not fit config.json: \(listed)"
                    + (rest > 0 ? "; and \(rest) more" : "")
            )
        }
        tensors = found
        self.files = files
    }

    /// The elements of an expected tensor, row-major.
    func floats(_ name: String) -> [Float] {
        let place = place(of: name)
        return files[place.file].floats(of: place.tensor)
    }

    /// One row of an expected tensor of two dimensions.
    func row(_ index: Int, of name: String) -> [Float] {
        let place = place(of: name)
        return files[place.file].row(index, of: place.tensor)
    }

    /// The bits of an expected tensor that is in bf16, row-major; nil when it is in another type.
    func halves(_ name: String) -> [UInt16]? {
        let place = place(of: name)
        guard place.tensor.element == .bfloat16 else { return nil }
        return files[place.file].halves(of: place.tensor)
    }

    private func place(of name: String) -> Place {
        guard let place = tensors[name] else {
            preconditionFailure("\(name) was not among the expectations")
        }
        return place
    }

    private static func place(of name: String, in files: [SafetensorsFile]) -> Place? {
        for (index, file) in files.enumerated() {
            if let tensor = file.header.tensors[name] { return (index, tensor) }
        }
        return nil
    }

    /// The name, and the one that files converted from the first BERT release use.
    private static func spellings(of name: String) -> [String] {
        if name.hasSuffix("LayerNorm.weight") {
            return [name, name.dropLast("weight".count) + "gamma"]
        }
        if name.hasSuffix("LayerNorm.bias") {
            return [name, name.dropLast("bias".count) + "beta"]
        }
        return [name]
    }
}
