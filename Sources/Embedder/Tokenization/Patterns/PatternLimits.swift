/// What one text may cost a pattern.
///
/// A pattern comes with a model's files and a text with a request, and together they may take time
/// without end. What stops them is an error for that text; the model goes on reading others.
package struct PatternLimits: Sendable {
    /// Steps of backtracking from one place of a text: PCRE2's match limit and depth limit.
    ///
    /// A usual pattern takes as many steps as a run of spaces is long. This is above the bytes of any
    /// text that the daemon takes, and is reached within a fraction of a second.
    package var stepsMax: UInt32 = 5_000_000

    /// KiB of memory that a search takes at most, where it runs without PCRE2's compiler.
    package var heapKiBMax: UInt32 = 64 << 10

    /// Time for any text.
    ///
    /// PCRE2 counts its steps anew from each place of a text, and reading on is no step at all. Time
    /// alone bounds a pattern that is quadratic.
    package var baseDuration: Duration = .seconds(2)

    /// Time for each MiB of a text besides, of which a usual pattern needs a tenth of a second.
    package var durationPerMiB: Duration = .seconds(2)

    /// The limits at their defaults.
    package init() {}

    /// Time for a text of so many bytes.
    func duration(byteCount: Int) -> Duration {
        baseDuration + durationPerMiB * (Double(byteCount) / Double(1 << 20))
    }
}
