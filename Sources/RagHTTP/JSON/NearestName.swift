/// Finds the known name that a misspelt one most likely stood for.
package enum NearestName {
    /// The nearest of `names` by edit distance, nil when none is near enough to be a suggestion:
    /// at most one edit for every three letters, and never more than three.
    package static func find(_ name: String, among names: [String]) -> String? {
        let editCountMax = min(3, max(1, name.count / 3))
        return names.map { (name: $0, distance: distance(name, $0)) }
            .filter { $0.distance <= editCountMax }
            .min { $0.distance < $1.distance }?
            .name
    }

    /// Levenshtein's distance by the two-row recurrence; letter case does not count.
    private static func distance(_ first: String, _ second: String) -> Int {
        let columns = Array(second.lowercased().unicodeScalars)
        var previous = Array(0...columns.count)
        for (row, scalar) in first.lowercased().unicodeScalars.enumerated() {
            var current = [row + 1]
            for (column, other) in columns.enumerated() {
                let substitution = previous[column] + (scalar == other ? 0 : 1)
                current.append(min(substitution, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[columns.count]
    }
}
