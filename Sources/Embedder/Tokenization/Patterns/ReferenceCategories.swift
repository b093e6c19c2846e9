/// The general category of every scalar that may have one of interest, as the reference library's
/// Oniguruma has it.
///
/// Made once a process, in some tens of milliseconds, when a model has a pattern with properties.
///
/// Thread safety: immutable.
enum ReferenceCategories {
    /// The version of Unicode whose categories `tokenizers` 0.23 has.
    static let unicodeMajor = 16

    /// The planes that have letters, marks, numbers and signs, and the tags: nothing else is assigned
    /// but for private use.
    static let scalars: [Unicode.Scalar] = [0..<0x4_0000, 0xe_0000..<0xe_1000].joined()
        .compactMap { Unicode.Scalar(UInt32($0)) }

    /// The category of each.
    static let categories: [Unicode.GeneralCategory] = scalars.map(\.referenceCategory)

    /// All of them as one text.
    static let utf8: [UInt8] = scalars.flatMap { Array($0.utf8) }
}

extension Unicode.Scalar {
    /// The general category in the reference library's Unicode: unassigned, when it is younger.
    var referenceCategory: Unicode.GeneralCategory {
        guard isAssigned(inUnicode: ReferenceCategories.unicodeMajor) else { return .unassigned }
        // Changed since: the letter for a pharyngeal fricative, now one without case.
        return value == 0x295 ? .lowercaseLetter : properties.generalCategory
    }
}
