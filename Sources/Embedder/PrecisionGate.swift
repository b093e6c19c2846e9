public import Kernels

/// How near vectors in fewer bits are to those of the same model in f32.
public struct PrecisionAgreement: Sendable, Hashable {
    /// Mean cosine of a text's two vectors.
    public let meanCosine: Float
    /// The smallest one.
    public let minCosine: Float

    /// Compares vectors of the same texts, at least one, all of unit length or none.
    public init(of vectors: [[Float]], with reference: [[Float]]) {
        precondition(vectors.count == reference.count && !vectors.isEmpty)
        let cosines = zip(vectors, reference).map { one, other in
            VectorMath.dot(one, other)
                / max(VectorMath.norm(one) * VectorMath.norm(other), .leastNormalMagnitude)
        }
        meanCosine = cosines.reduce(0, +) / Float(cosines.count)
        minCosine = cosines.min() ?? 0
    }
}

/// What a model's vectors must hold for its precision to be chosen by `PrecisionSetting.auto`.
public enum PrecisionGate {
    /// Sentences of several kinds, lengths and languages: prose, questions, a title, code, figures.
    public static let sentences = [
        "How do I reset the password of an account that is locked?",
        "The committee postponed its decision until the auditors had finished their report.",
        "Boundary layer transition on a flat plate at supersonic speed",
        "Water boils at a lower temperature in the mountains, because the air pressure is lower there.",
        "SELECT name, count(*) FROM orders GROUP BY name HAVING count(*) > 10;",
        "Invoice 2023-117: 14 units at 39.90, total 558.60, due within 30 days.",
        "def area(radius): return 3.14159 * radius ** 2",
        "Die Lieferung verzögert sich um zwei Wochen, weil ein Bauteil fehlt.",
        "La bibliothèque est fermée le lundi et les jours fériés.",
        "cats",
        "A patient with chest pain and shortness of breath was admitted overnight; an "
            + "electrocardiogram showed no sign of infarction, and the pain eased after rest.",
        "Restart the service, wait until its health check answers, and only then drain the next node.",
        "What is the difference between a mutex and a semaphore?",
        "She closed the window, put out the lamp, and listened to the rain for a long while.",
        "Prices rose by 3.2 % in March, the sharpest increase since the spring of the previous year.",
        "error: connection refused (os error 111) while connecting to upstream",
    ]

    /// Whether vectors that agree so with f32 are good enough for search.
    ///
    /// Below these figures ranking was seen to change: with them, nDCG@10 on Cranfield is within 0.003
    /// of that in f32.
    public static func passes(
        _ agreement: PrecisionAgreement,
        in precision: ComputePrecision
    ) -> Bool {
        switch precision {
        case .f32: true
        case .bf16: agreement.meanCosine >= 0.9999 && agreement.minCosine >= 0.999
        case .int8: agreement.meanCosine >= 0.9975 && agreement.minCosine >= 0.99
        }
    }

    /// A model's vectors of the sentences.
    ///
    /// - Throws: `EmbedderError` with code `invalidModel` when they are not finite.
    public static func vectors(of model: EmbeddingModel) throws(EmbedderError) -> [[Float]] {
        let encodings = try sentences.map { sentence throws(EmbedderError) in
            try model.tokenizer.encode(sentence, tokensMax: model.tokensMax)
        }
        return try model.encode(encodings, output: .none, workspace: model.makeWorkspace())
            .map(\.vector)
    }
}
