/// Several texts as one block of rows, a row a token: text after text, without padding.
///
/// All of them may go on from the same tokens, which have no rows: a causal model has computed the
/// keys and values of those before.
struct PackedBatch: Sendable {
    /// The texts, in the order of their rows.
    let encodings: ArraySlice<Encoding>
    /// Tokens of the longest text, those included that have no rows.
    let longest: Int
    /// What every text goes on from.
    let prefix: PrefixStates?
    /// The row at which each text starts, and the number of rows at the end.
    private let starts: [Int]

    /// Packs texts.
    ///
    /// - Parameters:
    ///   - encodings: the texts; without the tokens of `prefix`, where there is one.
    ///   - prefix: what they go on from.
    init(_ encodings: ArraySlice<Encoding>, prefix: PrefixStates? = nil) {
        self.encodings = encodings
        self.prefix = prefix
        var starts = [0]
        starts.reserveCapacity(encodings.count + 1)
        var end = 0
        var longest = 0
        for encoding in encodings {
            end += encoding.count
            longest = max(longest, encoding.count)
            starts.append(end)
        }
        self.starts = starts
        self.longest = longest + (prefix?.count ?? 0)
    }

    /// The position of each text's first row.
    var firstPosition: Int { prefix?.count ?? 0 }

    /// The number of tokens.
    var rowCount: Int { starts[starts.count - 1] }

    /// The rows of the `index`-th text, from 0.
    func rows(of index: Int) -> Range<Int> { starts[index]..<starts[index + 1] }

    /// The rows of consecutive texts.
    func rows(of indices: Range<Int>) -> Range<Int> {
        starts[indices.lowerBound]..<starts[indices.upperBound]
    }

    /// The `index`-th text.
    func encoding(_ index: Int) -> Encoding { encodings[encodings.startIndex + index] }

    /// The texts that have tokens among `rows`, which is not empty.
    func texts(in rows: Range<Int>) -> Range<Int> {
        let first = text(of: rows.lowerBound)
        return first..<text(of: rows.upperBound - 1) + 1
    }

    /// Groups of consecutive whole texts of at most `rowsMax` rows, or of one longer text.
    func groups(rowsMax: Int) -> [Range<Int>] {
        var groups: [Range<Int>] = []
        var first = 0
        for index in 0..<encodings.count where starts[index + 1] - starts[first] > rowsMax {
            if index > first { groups.append(first..<index) }
            first = index
        }
        if first < encodings.count { groups.append(first..<encodings.count) }
        return groups
    }

    /// Splits texts into batches of at most `rowsMax` rows, or of one longer text.
    static func split(
        _ encodings: [Encoding],
        prefix: PrefixStates? = nil,
        rowsMax: Int
    ) -> [PackedBatch] {
        PackedBatch(encodings[...]).groups(rowsMax: rowsMax)
            .map { PackedBatch(encodings[$0], prefix: prefix) }
    }

    /// The text to which a row belongs.
    private func text(of row: Int) -> Int {
        var (low, high) = (0, encodings.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= row { low = middle } else { high = middle }
        }
        return low
    }
}
