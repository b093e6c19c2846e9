extension Filter {
    /// The keys that it compares.
    var keys: Set<MetadataKey> {
        switch self {
        case .and(let parts), .or(let parts): parts.reduce(into: []) { $0.formUnion($1.keys) }
        case .not(let part): part.keys
        case .compare(let key, _, _): [MetadataKey(key)]
        }
    }

    /// The chunks of the documents for which it holds.
    ///
    /// Every key that it compares must be in the snapshot.
    func chunks(in snapshot: MetadataIndex.Snapshot) -> Selection {
        var rows = rows(in: snapshot)
        rows.formIntersection(snapshot.table.live)
        return snapshot.table.chunks(of: rows)
    }

    /// The rows for which it holds, and any dead ones.
    private func rows(in snapshot: MetadataIndex.Snapshot) -> RowSet {
        switch self {
        case .and(let parts):
            return Self.combined(parts, snapshot) { $0.formIntersection($1) }
        case .or(let parts):
            return Self.combined(parts, snapshot) { $0.formUnion($1) }
        case .not(let part):
            var rows = part.rows(in: snapshot)
            rows.invert()
            return rows
        case .compare(let key, let relation, let operand):
            let (test, isNegated) = MetadataTest.of(relation, operand)
            guard let column = snapshot.columns[MetadataKey(key)] else {
                preconditionFailure("a snapshot has every key of the filter")
            }
            var rows = column.rows(test, rowCount: snapshot.table.rowCount)
            if isNegated { rows.invert() }
            return rows
        }
    }

    private static func combined(
        _ parts: [Filter],
        _ snapshot: MetadataIndex.Snapshot,
        _ combine: (inout RowSet, RowSet) -> Void
    ) -> RowSet {
        guard let first = parts.first else {
            preconditionFailure("a validated filter's and, or have parts")
        }
        return parts.dropFirst().reduce(into: first.rows(in: snapshot)) {
            combine(&$0, $1.rows(in: snapshot))
        }
    }
}
