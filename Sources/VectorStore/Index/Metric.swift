/// How two vectors are compared.
///
/// Inside the store everything is a *distance*, smaller is nearer; a *score*, larger is better, is
/// made of it only where hits leave the store (`score(ofDistance:)`).
public enum Metric: String, Codable, Sendable, CaseIterable {
    /// Angle: vectors are stored at unit length, the distance is `1 - a·b`, in 0...2.
    case cosine
    /// Inner product of the vectors as they are: the distance is `-(a·b)`.
    case dot
    /// Straight line: the distance is the *squared* Euclidean one, which orders the same.
    case euclidean

    /// The score of a hit at `distance`: the cosine, the inner product, or the negated Euclidean
    /// distance (not squared).
    public func score(ofDistance distance: Float) -> Float {
        switch self {
        case .cosine: 1 - distance
        case .dot: -distance
        case .euclidean: -distance.squareRoot()
        }
    }
}
