/// The weights that a model needs, found in a file and checked against their shapes.
///
/// Built from the whole list of expectations, so that one error names everything that is wrong with
/// a file. Tensors that nobody asked for (a pooler, position ids) are ignored.
struct WeightMap: ~Copyable {
    /// A tensor that the model needs.
    struct Expectation {
        let name: String
        let shape: [Int]
    }

    private let file: SafetensorsFile
    private let tensors: [String: SafetensorsHeader.Tensor]

    /// The most mismatches that an error lists.
    private static let mismatchesListedMax = 20

    /// Finds each expected tensor in `file`.
    ///
    /// - Parameters:
    ///   - expectations: the tensors that the model needs, by their canonical names.
    ///   - file: the file to find them in.
    ///   - prefixes: what a file may put before every name; the first that fits a name wins.
    /// - Throws: `EmbedderError` with code `invalidModel` and all mismatches.
    init(
        _ expectations: [Expectation],
        in file: consuming SafetensorsFile,
        prefixes: [String] = [""]
    ) throws(EmbedderError) {
        let header = file.header
        let path = file.path
        var found: [String: SafetensorsHeader.Tensor] = [:]
        var mismatches: [String] = []
        for expectation in expectations {
            let names = prefixes.flatMap { prefix in
                Self.spellings(of: expectation.name).map { prefix + $0 }
            }
            guard let tensor = names.lazy.compactMap({ header.tensors[$0] }).first else {
                mismatches.append("\(expectation.name) is missing")
                continue
            }
            if tensor.shape != expectation.shape {
                mismatches.append(
                    "\(expectation.name) has shape \(tensor.shape), expected \(expectation.shape)"
                )
            } else if !tensor.element.isReadableAsFloat {
                mismatches.append("\(expectation.name) has type \(tensor.element.rawValue)")
            }
            found[expectation.name] = tensor
        }
        guard mismatches.isEmpty else {
            let listed = mismatches.prefix(Self.mismatchesListedMax).joined(separator: "; ")
            let rest = mismatches.count - Self.mismatchesListedMax
            throw EmbedderError(
                .invalidModel,
                "\(path) does not fit config.json: \(listed)"
                    + (rest > 0 ? "; and \(rest) more" : "")
            )
        }
        tensors = found
        self.file = file
    }

    /// The elements of an expected tensor, row-major.
    func floats(_ name: String) -> [Float] {
        guard let tensor = tensors[name] else {
            preconditionFailure("\(name) was not among the expectations")
        }
        return file.floats(of: tensor)
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
