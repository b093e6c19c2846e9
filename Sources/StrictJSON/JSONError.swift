/// Why a text was not accepted as JSON.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was wrong, in words that never quote more than one character of the text.
    package let reason: String

    /// The byte at which it was noticed, 0-based.
    package let offset: Int

    /// The reason and the place in one line.
    package var description: String { "at byte \(offset): \(reason)" }
}
