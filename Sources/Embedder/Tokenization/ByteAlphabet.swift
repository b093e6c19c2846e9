/// The characters that stand for bytes in the tokens of a byte-level vocabulary.
///
/// A printable character of Latin-1 stands for its own byte; the 68 other bytes are given the
/// characters from U+0100 on, in order (Radford et al., "Language models are unsupervised multitask
/// learners", 2019, and its code).
///
/// Thread safety: immutable.
struct ByteAlphabet: Sendable {
    static let shared = ByteAlphabet()

    /// The character of each byte.
    let characters: [Unicode.Scalar]
    private let bytes: [Unicode.Scalar: UInt8]

    private init() {
        let printable: [ClosedRange<UInt8>] = [0x21...0x7e, 0xa1...0xac, 0xae...0xff]
        var next: UInt32 = 0x100
        var characters: [Unicode.Scalar] = []
        for byte in UInt8.min...UInt8.max {
            if printable.contains(where: { $0.contains(byte) }) {
                characters.append(Unicode.Scalar(byte))
            } else if let character = Unicode.Scalar(next) {
                characters.append(character)
                next += 1
            }
        }
        self.characters = characters
        bytes = Dictionary(uniqueKeysWithValues: zip(characters, UInt8.min...UInt8.max))
    }

    /// The bytes that a token stands for; its own UTF-8 when it is not all of the alphabet.
    func bytes(of token: String) -> [UInt8] {
        var result: [UInt8] = []
        for character in token.unicodeScalars {
            guard let byte = bytes[character] else { return Array(token.utf8) }
            result.append(byte)
        }
        return result
    }
}
