import StrictJSON

/// Puts the model's special tokens around one text, or around and between two.
///
/// Thread safety: immutable.
struct PostProcessor: Sendable {
    /// What stands at a place of the sequence.
    enum Piece: Sendable {
        case first(typeID: Int32)
        case second(typeID: Int32)
        case special(ids: [Int32], typeID: Int32)
    }

    /// The sequence for one text.
    let single: [Piece]
    /// The sequence for two texts.
    let pair: [Piece]

    /// How many special tokens `pieces` adds.
    static func specialTokenCount(_ pieces: [Piece]) -> Int {
        pieces.reduce(0) { count, piece in
            guard case .special(let ids, _) = piece else { return count }
            return count + ids.count
        }
    }

    /// Reads `post_processor`; without one the texts stand alone.
    ///
    /// - Parameters:
    ///   - node: the member, nil when the file has none.
    ///   - token: the token with an id, to check that the file means the tokens it names.
    /// - Throws: `EmbedderError` with code `unsupportedModel` or `invalidModel`.
    init(
        _ node: JSONNode?,
        token: (Int32) -> String?
    ) throws(EmbedderError) {
        guard let node = try Self.template(in: node) else {
            single = [.first(typeID: 0)]
            pair = [.first(typeID: 0), .second(typeID: 1)]
            return
        }
        let type = try node.required("type").string()
        switch type {
        case "TemplateProcessing":
            let special = try Self.specialTokens(try node.required("special_tokens"), token: token)
            single = try Self.template(try node.required("single"), special: special)
            pair = try Self.template(try node.required("pair"), special: special)
        case "BertProcessing":
            let start = try Self.namedToken(try node.required("cls"), token: token)
            let separator = try Self.namedToken(try node.required("sep"), token: token)
            let head: [Piece] = [
                .special(ids: [start], typeID: 0), .first(typeID: 0),
                .special(ids: [separator], typeID: 0),
            ]
            single = head
            pair = head + [.second(typeID: 1), .special(ids: [separator], typeID: 1)]
        default:
            throw .unsupportedStage(type, at: node)
        }
        try Self.check(single, firstCount: 1, secondCount: 0, at: node)
        try Self.check(pair, firstCount: 1, secondCount: 1, at: node)
    }

    /// The processor that adds tokens; `ByteLevel` only narrows offsets, and that on demand.
    private static func template(in node: JSONNode?) throws(EmbedderError) -> JSONNode? {
        guard let node else { return nil }
        switch try node.required("type").string() {
        case "ByteLevel":
            guard try !(node.optional("trim_offsets")?.bool() ?? true) else {
                throw .unsupportedStage("ByteLevel with trim_offsets", at: node)
            }
            return nil
        case "Sequence":
            var templates: [JSONNode] = []
            for element in try node.required("processors").elements() {
                if let template = try template(in: element) { templates.append(template) }
            }
            guard templates.count <= 1 else {
                throw .unsupportedStage("Sequence of several templates", at: node)
            }
            return templates.first
        default: return node
        }
    }

    private static func check(
        _ pieces: [Piece],
        firstCount: Int,
        secondCount: Int,
        at node: JSONNode
    ) throws(EmbedderError) {
        var counts = (first: 0, second: 0)
        for piece in pieces {
            switch piece {
            case .first: counts.first += 1
            case .second: counts.second += 1
            case .special: break
            }
        }
        guard counts == (firstCount, secondCount) else {
            throw node.failure("must name each text once, in single A and in pair A and B")
        }
    }
}

// MARK: - Reading

extension PostProcessor {
    /// The ids behind each name that a template may use.
    private static func specialTokens(
        _ node: JSONNode,
        token: (Int32) -> String?
    ) throws(EmbedderError) -> [[UInt8]: [Int32]] {
        var special: [[UInt8]: [Int32]] = [:]
        for member in try node.members() {
            let entry = try node.required(member.name)
            var ids: [Int32] = []
            for element in try entry.required("ids").elements() {
                ids.append(Int32(try element.integer(in: 0...Vocabulary.idMax)))
            }
            let names = try entry.required("tokens").elements()
            guard names.count == ids.count, !ids.isEmpty else {
                throw entry.failure("must have as many ids as tokens, at least one")
            }
            for (id, name) in zip(ids, names) {
                try check(id, isNamed: try name.string(), at: entry, token: token)
            }
            special[Array(member.name.utf8)] = ids
        }
        return special
    }

    private static func template(
        _ node: JSONNode,
        special: [[UInt8]: [Int32]]
    ) throws(EmbedderError) -> [Piece] {
        var pieces: [Piece] = []
        for element in try node.elements() {
            if let token = try element.optional("SpecialToken") {
                let name = try token.required("id").string()
                guard let ids = special[Array(name.utf8)] else {
                    throw token.failure("names \(name.debugDescription), not in special_tokens")
                }
                pieces.append(.special(ids: ids, typeID: try typeID(token)))
            } else {
                let sequence = try element.required("Sequence")
                let name = try sequence.required("id").string()
                switch name {
                case "A": pieces.append(.first(typeID: try typeID(sequence)))
                case "B": pieces.append(.second(typeID: try typeID(sequence)))
                default: throw sequence.failure("names \(name.debugDescription), not A or B")
                }
            }
        }
        return pieces
    }

    private static func typeID(_ node: JSONNode) throws(EmbedderError) -> Int32 {
        Int32(try node.required("type_id").integer(in: 0...Int(UInt8.max)))
    }

    /// Reads `["[CLS]", 101]`.
    private static func namedToken(
        _ node: JSONNode,
        token: (Int32) -> String?
    ) throws(EmbedderError) -> Int32 {
        let elements = try node.elements()
        guard elements.count == 2 else { throw node.failure("must be a token and its id") }
        let id = Int32(try elements[1].integer(in: 0...Vocabulary.idMax))
        try check(id, isNamed: try elements[0].string(), at: node, token: token)
        return id
    }

    private static func check(
        _ id: Int32,
        isNamed name: String,
        at node: JSONNode,
        token: (Int32) -> String?
    ) throws(EmbedderError) {
        guard let actual = token(id), actual.utf8.elementsEqual(name.utf8) else {
            throw node.failure("says that \(name.debugDescription) has id \(id); it has not")
        }
    }
}
