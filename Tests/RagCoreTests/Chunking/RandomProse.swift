/// Random text with everything that a chunker meets: sentences, paragraphs, scripts without spaces,
/// words too long for the model, characters of many scalars, and characters that no model sees.
enum RandomProse {
    private static let parts = [
        "wing", "the", "drag", "slipstream", "boundary-layer", "e.g.", "Fig. 3", "U.S.", "3.14",
        "中文中文", "中。文", "각갂", "नमस्ते", "👨‍👩‍👧‍👦", "e\u{301}\u{302}", "\u{200b}", "\u{301}", "\u{fffd}", "🇩🇪🇫🇷",
    ]
    private static let separators = [
        " ", " ", " ", " ", "", ". ", "! ", ".\n", "\n", "\r\n", "\n\n", "\r\n\r\n", "\t",
        "\u{3000}",
        "…\u{201d} ", "\u{2028}",
    ]

    static func make(using random: inout some RandomNumberGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...120, using: &random) {
            if Int.random(in: 0..<40, using: &random) == 0 {
                let letter = ["a", "é", "ᄀ", "\u{301}", "ab"].randomElement(using: &random) ?? "a"
                text += String(repeating: letter, count: Int.random(in: 1...900, using: &random))
            }
            text += parts.randomElement(using: &random) ?? ""
            text += separators.randomElement(using: &random) ?? ""
        }
        return text
    }
}
