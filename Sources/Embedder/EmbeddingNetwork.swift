package import Kernels

/// The part of an embedding model that computes: encoder, pooling and head, without a tokenizer.
package struct EmbeddingNetwork: EncoderNetwork {
    /// A step after pooling.
    private enum HeadStep: Sendable {
        case dense(DenseHead)
        case normalize
    }

    /// The encoder.
    let encoder: any TransformerEncoder
    /// Its architecture.
    let architecture: ModelArchitecture
    /// Its sizes.
    package var shape: EncoderShape { encoder.shape }
    /// The precision of its products.
    package var precision: ComputePrecision { encoder.kernels.precision }
    /// Layers of the transformer.
    package var layerCount: Int { encoder.layerCount }
    /// Elements of a text's vector.
    package let dimension: Int
    /// Tokens of a text that the model reads, special tokens included.
    package let tokensMax: Int

    private let pooling: Pooling
    private let head: [HeadStep]

    /// What makes a text's vector of its tokens' states, step by step.
    var outputNames: [String] {
        ["pooling \(pooling.rawValue)"]
            + head.map { step in
                switch step {
                case .dense(let dense): "dense \(dense.outputs)"
                case .normalize: "unit length"
                }
            }
    }

    /// Number of parameters.
    package var parameterCount: Int {
        head.reduce(encoder.parameterCount) { count, step in
            guard case .dense(let dense) = step else { return count }
            return count + dense.parameterCount
        }
    }

    /// Bytes of the weights in memory.
    package var byteCount: Int {
        head.reduce(encoder.byteCount) { count, step in
            guard case .dense(let dense) = step else { return count }
            return count + dense.byteCount
        }
    }

    /// Loads the network of the model in `directory`.
    package init(
        directory: String,
        precision: ComputePrecision = .f32
    ) throws(EmbedderError) {
        let folder = try ModelFolder(path: directory)
        try self.init(folder: folder, modules: ModuleList(folder: folder), precision: precision)
    }

    /// Loads the network of a model whose list of modules has been read.
    init(
        folder: ModelFolder,
        modules: ModuleList,
        precision: ComputePrecision
    ) throws(EmbedderError) {
        if !PackedMatrix.isVectorised { try MatrixMultiply.prepare() }
        let transformer = try folder.subfolder(modules.transformerPath)
        architecture = try ModelArchitecture(folder: transformer)
        encoder = try architecture.encoder(folder: transformer, precision: precision)
        var width = encoder.shape.hiddenSize
        pooling = try Pooling(folder: folder.subfolder(modules.poolingPath), width: width)
        tokensMax = try TokenLimit.read(
            from: transformer,
            positionCount: encoder.shape.positionCount
        )
        var head: [HeadStep] = []
        for module in modules.head {
            if module.kind == .normalize {
                head.append(.normalize)
            } else {
                let dense = try DenseHead(folder: folder.subfolder(module.path), inputs: width)
                width = dense.outputs
                head.append(.dense(dense))
            }
        }
        self.head = head
        dimension = width
    }

    /// Makes the memory that one thread needs.
    package func makeWorkspace() -> EncoderWorkspace { encoder.makeWorkspace() }

    /// Encodes texts, in their order; see `EmbeddingModel.encode`.
    package func encode(
        _ batch: [Encoding],
        output: TokenVectorOutput,
        workspace: EncoderWorkspace,
        pause: () -> Void = {}
    ) throws(EmbedderError) -> [EncodedText] {
        for encoding in batch { try shape.check(encoding) }
        var results: [EncodedText] = []
        results.reserveCapacity(batch.count)
        for part in PackedBatch.split(batch, rowsMax: EncoderWorkspace.batchRowsMax) {
            encoder.forward(part, workspace: workspace, pause: pause)
            let hidden = workspace.states.hidden
            results += try workspace.profile.measure(.pooling) { () throws(EmbedderError) in
                try self.results(of: part, hidden, output: output)
            }
        }
        return results
    }

    /// Makes a batch that several threads compute together; see `EmbeddingModel.share`.
    package func shared(
        _ batch: [Encoding],
        output: TokenVectorOutput,
        partCount: Int
    ) throws(EmbedderError) -> SharedEncoding {
        for encoding in batch { try shape.check(encoding) }
        return SharedEncoding(
            network: self,
            batch: SharedBatch(PackedBatch(batch[...]), encoder: encoder, partCount: partCount),
            output: output
        )
    }

    /// The results of a batch whose last states are `hidden`.
    func results(
        of batch: PackedBatch,
        _ hidden: RowBuffer<Float>,
        output: TokenVectorOutput
    ) throws(EmbedderError) -> [EncodedText] {
        var results: [EncodedText] = []
        results.reserveCapacity(batch.encodings.count)
        for index in 0..<batch.encodings.count {
            results.append(try result(batch.rows(of: index), of: hidden, output: output))
        }
        return results
    }

    /// The states of one text's tokens after the first `layerCount` layers, for tests of the layers.
    package func hiddenStates(
        of encoding: Encoding,
        layerCount: Int,
        workspace: EncoderWorkspace
    ) throws(EmbedderError) -> [Float] {
        try shape.check(encoding)
        let batch = PackedBatch([encoding])
        encoder.forward(batch, workspace: workspace, layerCount: layerCount, pause: {})
        return workspace.states.hidden.withRows(0..<batch.rowCount) { states in
            states.indices.map { states[$0] }
        }
    }

    /// The result of the text whose states are `rows` of `hidden`.
    private func result(
        _ rows: Range<Int>,
        of hidden: RowBuffer<Float>,
        output: TokenVectorOutput
    ) throws(EmbedderError) -> EncodedText {
        let width = shape.hiddenSize
        var vector = hidden.withRows(rows) { pooling.apply(to: $0, columns: width) }
        for step in head {
            switch step {
            case .dense(let dense): vector = dense.apply(to: vector)
            case .normalize: VectorMath.normalize(&vector)
            }
        }
        guard vector.allSatisfy(\.isFinite) else {
            throw EmbedderError(
                .invalidModel,
                "the model computes values that are not finite: its weights are damaged"
            )
        }
        return switch output {
        case .none: EncodedText(vector: vector)
        case .signCodes:
            EncodedText(
                vector: vector,
                tokenCodes: hidden.withRows(rows) {
                    SignCodes.encode($0, dimension: width)
                }
            )
        case .floats:
            EncodedText(
                vector: vector,
                tokenVectors: hidden.withMutableRows(rows) { states in
                    FloatRows.normalize(&states, columns: width)
                    return states.indices.map { states[$0] }
                }
            )
        }
    }
}
