/// Questions with passages whose order is known, to see what a reranker makes of them.
public enum RerankProbe {
    /// A question, and passages of which the first answers it.
    public struct Question: Sendable, Hashable {
        /// The question.
        public let query: String
        /// The passages: the answer, passages about the same thing, and one about another.
        public let passages: [String]
    }

    /// Questions of several kinds.
    public static let questions = [
        Question(
            query: "how do plants make sugar?",
            passages: [
                "In photosynthesis plants use the energy of light to make sugar from carbon dioxide and "
                    + "water.",
                "Many plants flower in spring, when the days grow longer.",
                "Sugar is sold in bags of one kilogram.",
                "The committee postponed its decision until the auditors had finished.",
            ]
        ),
        Question(
            query: "why is my connection to the database refused?",
            passages: [
                "A connection is refused when no server listens on the port: check that the database is "
                    + "running and which address it listens on.",
                "A connection pool keeps connections to the database open, so that requests need not wait.",
                "An index makes queries of a large table faster.",
                "Knead the dough for ten minutes and let it rise overnight.",
            ]
        ),
        Question(
            query: "capital of Australia",
            passages: [
                "Canberra has been the capital of Australia since 1927.",
                "Sydney is the largest city of Australia, ahead of Melbourne.",
                "The capital of New Zealand is Wellington.",
                "def area(radius): return 3.14159 * radius ** 2",
            ]
        ),
        Question(
            query: "Wann verjährt eine Rechnung?",
            passages: [
                "Forderungen aus Rechnungen verjähren nach drei Jahren, beginnend mit dem Ende des Jahres, "
                    + "in dem sie entstanden sind.",
                "Eine Rechnung muss den Namen und die Anschrift beider Parteien nennen.",
                "Die Lieferung verzögert sich um zwei Wochen, weil ein Bauteil fehlt.",
                "Boundary layer transition on a flat plate at supersonic speed",
            ]
        ),
    ]

    /// A model's scores of each question's passages.
    ///
    /// - Throws: `EmbedderError` with code `inputTooLong` when the model reads too few tokens for a
    ///   question, `invalidModel` when scores are not finite.
    public static func scores(of model: RerankModel) throws(EmbedderError) -> [[Float]] {
        let workspace = model.makeWorkspace()
        var scores: [[Float]] = []
        for question in questions {
            let query = try model.query(question.query)
            let batch = try question.passages.map { passage throws(EmbedderError) in
                try query.encode(passage, tokensMax: model.tokensMax)
            }
            scores.append(try model.encode(batch, workspace: workspace).map { $0.vector[0] })
        }
        return scores
    }
}
