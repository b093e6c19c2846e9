/// Names of files and folders that are safe to make on any system and to show in any terminal.
enum FileName {
    /// The longest that every file system takes, less what is put behind a name while it is written.
    private static let byteCountMax = 200

    /// Whether `name` consists of ASCII letters, digits, `.`, `_` and `-`, and begins with neither a
    /// dot nor a hyphen.
    ///
    /// So `..`, hidden files, separators, drive letters and what looks like an option are all out.
    static func isPlain(_ name: some StringProtocol) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= byteCountMax else { return false }
        return first != UInt8(ascii: ".") && first != UInt8(ascii: "-")
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
