/// An amount of memory as people write it: a whole number, then KiB, MiB, GiB or TiB.
package struct MemorySize: Sendable, Hashable, CustomStringConvertible {
    package let byteCount: Int

    private static let units = ["KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40]

    /// What an error says of the form.
    package static let expected = "a size such as 512MiB or 4GiB"

    /// Reads a size; `nil` for anything else, and for nothing.
    package init?(_ text: String) {
        guard let shift = Self.units[String(text.suffix(3))],
            let number = Int(text.dropLast(3)), number > 0, number <= Int.max >> shift
        else { return nil }
        byteCount = number << shift
    }

    /// The largest unit in which it is whole.
    package var description: String {
        let unit = Self.units.filter { byteCount % (1 << $0.value) == 0 }.max {
            $0.value < $1.value
        }
        return unit.map { "\(byteCount >> $0.value)\($0.key)" } ?? "\(byteCount) bytes"
    }
}
