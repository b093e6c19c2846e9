package import Kernels

/// The part of a reranker that computes: encoder and head, without a tokenizer.
package struct RerankNetwork: EncoderNetwork {
    /// The encoder.
    let encoder: any TransformerEncoder
    /// Its architecture.
    let architecture: ModelArchitecture
    /// Its sizes.
    package var shape: EncoderShape { encoder.shape }
    /// The precision of its products.
    package var precision: ComputePrecision { encoder.kernels.precision }
    /// Tokens that the model reads of query and passage together, special ones included.
    package let tokensMax: Int

    private let head: any RerankHead
    private let prefixes = PrefixCache(byteCountMax: Self.prefixByteCountMax)

    /// Bytes of prefixes that are kept: of Qwen3-Reranker-0.6B some 1,100 tokens, which is those of ten
    /// requests.
    private static let prefixByteCountMax = 128 << 20

    /// What makes a text's score of its tokens' states, step by step.
    var outputNames: [String] { head.names }

    /// Number of parameters.
    package var parameterCount: Int { encoder.parameterCount + head.parameterCount }

    /// Bytes of the weights in memory.
    package var byteCount: Int {
        encoder.byteCount + head.parameterCount * MemoryLayout<Float>.stride
    }

    /// Bytes of the prefixes in memory.
    package var prefixByteCount: Int { prefixes.byteCount }

    /// Loads the network of the model in `directory`.
    ///
    /// - Parameters:
    ///   - directory: the model's folder.
    ///   - answers: for a language model, the ids of "yes" and "no".
    ///   - precision: the numbers to multiply in.
    /// - Throws: as `RerankModel.load`.
    package init(
        directory: String,
        answers: (yes: Int32, no: Int32)? = nil,
        precision: ComputePrecision = .f32
    ) throws(EmbedderError) {
        let folder = try ModelFolder(path: directory)
        try self.init(
            folder: folder,
            answers: answers.map { AnswerHead.Tokens(yes: $0.yes, no: $0.no) },
            precision: precision
        )
    }

    init(
        folder: ModelFolder,
        answers: AnswerHead.Tokens?,
        precision: ComputePrecision
    ) throws(EmbedderError) {
        if !PackedMatrix.isVectorised { try MatrixMultiply.prepare() }
        let architecture = try ModelArchitecture(folder: folder)
        let task = try ModelTask(folder: folder)
        try architecture.checkReranker(task)
        // Before the weights, which take longer to read.
        let activation = try task.activation()
        let encoder = try architecture.encoder(folder: folder, precision: precision)
        if architecture == .qwen3 {
            guard let answers else {
                throw EmbedderError(
                    .invalidModel,
                    "tokenizer.json: has no tokens \"yes\" and \"no\", which the model answers with"
                )
            }
            head = try AnswerHead(
                folder: folder,
                shape: encoder.shape,
                isTied: task.tiesEmbeddings,
                tokens: answers
            )
        } else {
            head = try ClassificationHead(
                folder: folder,
                architecture: architecture,
                width: encoder.shape.hiddenSize,
                activation: activation
            )
        }
        self.encoder = encoder
        self.architecture = architecture
        tokensMax = try TokenLimit.read(
            from: folder,
            positionCount: encoder.shape.positionCount
        )
    }

    /// Makes the memory that one thread needs.
    package func makeWorkspace() -> EncoderWorkspace { encoder.makeWorkspace() }

    /// Scores texts, in their order; see `RerankModel.encode`.
    package func encode(
        _ batch: [Encoding],
        workspace: EncoderWorkspace,
        pause: () -> Void = {}
    ) throws(EmbedderError) -> [EncodedText] {
        for encoding in batch { try shape.check(encoding) }
        var results = [EncodedText](repeating: EncodedText(vector: []), count: batch.count)
        for group in groups(of: batch) {
            let prefix = prefix(of: group, in: batch, workspace: workspace, pause: pause)
            let texts = group.map { prefix == nil ? batch[$0] : batch[$0].own }
            var indices = group[...]
            for part in PackedBatch.split(
                texts,
                prefix: prefix,
                rowsMax: EncoderWorkspace.batchRowsMax
            ) {
                encoder.forward(part, workspace: workspace, pause: pause)
                let scored = try self.results(of: part, workspace.states.hidden, output: .none)
                for result in scored { results[indices.removeFirst()] = result }
            }
        }
        return results
    }

    /// Makes a batch that several threads compute together; see `EmbeddingModel.share`.
    ///
    /// Each text is computed as a whole: a batch is shared only when it has fewer texts than there are
    /// threads, and then there is little that they share.
    package func shared(
        _ batch: [Encoding],
        partCount: Int
    ) throws(EmbedderError) -> SharedEncoding {
        for encoding in batch { try shape.check(encoding) }
        return SharedEncoding(
            network: self,
            batch: SharedBatch(PackedBatch(batch[...]), encoder: encoder, partCount: partCount),
            output: .none
        )
    }

    func results(
        of batch: PackedBatch,
        _ hidden: RowBuffer<Float>,
        output: TokenVectorOutput
    ) throws(EmbedderError) -> [EncodedText] {
        let width = shape.hiddenSize
        var results: [EncodedText] = []
        for index in 0..<batch.encodings.count {
            let score = hidden.withRows(batch.rows(of: index)) { head.score($0, columns: width) }
            guard score.isFinite else {
                throw EmbedderError(
                    .invalidModel,
                    "the model computes scores that are not finite: its weights are damaged"
                )
            }
            results.append(EncodedText(vector: [score]))
        }
        return results
    }
}

// MARK: - Prefixes

extension RerankNetwork {
    /// The numbers of the texts, those with the same prefix together, in the order of their first.
    private func groups(of batch: [Encoding]) -> [[Int]] {
        guard shape.attention.isCausal else { return [Array(batch.indices)] }
        var groups: [[Int]] = []
        var places: [ArraySlice<Int32>: Int] = [:]
        for (index, encoding) in batch.enumerated() {
            let prefix = encoding.ids.prefix(encoding.sharedCount)
            if let place = places[prefix] {
                groups[place].append(index)
            } else {
                places[prefix] = groups.count
                groups.append([index])
            }
        }
        return groups
    }

    /// What the texts of a group go on from: as it is known, or as it is computed here.
    ///
    /// - Returns: nil when they have nothing in common, or when all of a text would be.
    private func prefix(
        of group: [Int],
        in batch: [Encoding],
        workspace: EncoderWorkspace,
        pause: () -> Void
    ) -> PrefixStates? {
        let first = batch[group[0]]
        guard shape.attention.isCausal, first.sharedCount > 0,
            group.allSatisfy({ batch[$0].ownCount > 0 })
        else { return nil }
        let ids = Array(first.ids.prefix(first.sharedCount))
        if let known = prefixes.states(of: ids) { return known }
        let tokens = Encoding(
            ids: ids,
            typeIDs: Array(first.typeIDs.prefix(ids.count)),
            offsets: Array(first.offsets.prefix(ids.count))
        )
        let states = encoder.prefixStates(of: tokens, workspace: workspace, pause: pause)
        prefixes.insert(states, of: ids)
        return states
    }
}

extension ModelArchitecture {
    /// The class of a reranker of this architecture.
    private var rerankerClass: String {
        switch self {
        case .bert: "BertForSequenceClassification"
        case .roberta: "RobertaForSequenceClassification"
        case .xlmRoberta: "XLMRobertaForSequenceClassification"
        case .qwen3: ModelTask.languageModel
        }
    }

    /// Refuses what is no reranker.
    fileprivate func checkReranker(_ task: ModelTask) throws(EmbedderError) {
        guard let architecture = task.architecture, architecture == rerankerClass else {
            throw EmbedderError(
                .unsupportedModel,
                "config.json: architectures names \(task.architecture ?? "none"); a reranker of "
                    + "model_type \"\(rawValue)\" is a \(rerankerClass)"
            )
        }
        guard !task.isClassifier || task.labelCount == 1 else {
            throw EmbedderError(
                .unsupportedModel,
                "config.json: num_labels \(task.labelCount); a reranker has 1"
            )
        }
    }
}
