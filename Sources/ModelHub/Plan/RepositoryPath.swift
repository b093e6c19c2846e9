/// The path of a file in a repository, checked: relative, downwards only.
///
/// A listing comes from another machine. One with a path that would leave the model's folder is
/// refused as a whole, since whoever wrote it meant harm.
package struct RepositoryPath: Sendable, Hashable, CustomStringConvertible {
    /// The path with `/` between its parts.
    package let text: String

    /// The longest path that is read.
    private static let byteCountMax = 1_000

    /// Checks a path.
    ///
    /// - Throws: `damaged` when it is absolute, has a backslash, a control character or an empty, `.`
    ///   or `..` part, or is too long.
    package init(_ text: String) throws(HubError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let isSafe =
            text.utf8.count <= Self.byteCountMax
            && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
            && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") }
        guard isSafe else {
            throw HubError(
                .damaged,
                "the hub lists the path '\(Printable(text))', which could leave the model's folder; "
                    + "nothing of this repository was written"
            )
        }
        self.text = text
    }

    /// The path.
    package var description: String { Printable(text).description }

    /// What the file is called.
    package var name: Substring { text.split(separator: "/").last ?? "" }

    /// Whether every part is a plain name, so that it can be made on any file system.
    var isPlain: Bool {
        text.split(separator: "/").allSatisfy(FileName.isPlain)
    }
}
