/// Text from a server, made fit for a terminal: without control characters and not too long.
///
/// A path or an error message may hold escape sequences that move the cursor or rename the window.
struct Printable: CustomStringConvertible {
    /// The longest that is shown, in characters.
    private static let countMax = 200

    let description: String

    init(_ text: String) {
        var shown = ""
        for scalar in text.prefix(Self.countMax).unicodeScalars {
            let isPlain =
                scalar.properties.generalCategory != .control
                && scalar.properties.generalCategory != .format
            shown.unicodeScalars.append(isPlain ? scalar : "\u{FFFD}")
        }
        description = shown
    }
}
