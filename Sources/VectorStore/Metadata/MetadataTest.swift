import Kernels

/// One comparison of a filter, on the entries of one key.
///
/// What `Filter+SQL` says in SQL, in two forms: over lists, and over a row's own entries.
enum MetadataTest: Sendable {
    /// There is an entry.
    case exists
    /// An entry equals one of these.
    case isAny([MetadataScalar])
    /// An entry of its kind is in this order to the scalar.
    case isOrdered(Order, MetadataScalar)
    /// An array's element equals it, or a string that is none has it as a part.
    case contains(MetadataScalar)
    /// Never.
    case fails

    enum Order {
        case less
        case lessOrEqual
        case greater
        case greaterOrEqual
    }

    /// The comparison, and whether what counts are the documents for which it does not hold.
    static func of(
        _ relation: Filter.Operator,
        _ operand: MetadataValue
    ) -> (test: MetadataTest, isNegated: Bool) {
        switch relation {
        case .equal: (isEqual(operand), false)
        case .notEqual: (isEqual(operand), true)
        case .less: (isOrdered(.less, operand), false)
        case .lessOrEqual: (isOrdered(.lessOrEqual, operand), false)
        case .greater: (isOrdered(.greater, operand), false)
        case .greaterOrEqual: (isOrdered(.greaterOrEqual, operand), false)
        case .anyOf: (isAny(operand), false)
        case .noneOf: (isAny(operand), true)
        case .exists: (.exists, operand == .bool(false))
        case .contains: (MetadataScalar(operand: operand).map(contains) ?? .fails, false)
        }
    }

    private static func isEqual(_ operand: MetadataValue) -> MetadataTest {
        MetadataScalar(operand: operand).map { .isAny([$0]) } ?? .fails
    }

    private static func isOrdered(_ order: Order, _ operand: MetadataValue) -> MetadataTest {
        MetadataScalar(operand: operand).map { .isOrdered(order, $0) } ?? .fails
    }

    private static func isAny(_ operand: MetadataValue) -> MetadataTest {
        guard case .array(let choices) = operand else { return .fails }
        return .isAny(choices.compactMap(MetadataScalar.init(operand:)))
    }

    // MARK: - Over lists

    /// Adds the rows of the lists that pass.
    func collect(from lists: PostingLists, into rows: inout RowSet) {
        switch self {
        case .exists:
            rows.insert(lists.rows(of: 0..<lists.listCount))
        case .isAny(let scalars):
            for scalar in scalars { rows.insert(lists.rows(of: lists.lists(of: scalar))) }
        case .isOrdered(let order, let scalar):
            rows.insert(lists.rows(of: Self.range(order, scalar, lists)))
        case .contains(let scalar):
            for list in lists.lists(of: scalar) where lists.isElement(list: list) {
                rows.insert(lists.rows(of: list..<list + 1))
            }
            guard case .string(let part) = scalar else { return }
            for list in lists.lists(containing: part) where !lists.isElement(list: list) {
                rows.insert(lists.rows(of: list..<list + 1))
            }
        case .fails:
            break
        }
    }

    private static func range(
        _ order: Order,
        _ scalar: MetadataScalar,
        _ lists: PostingLists
    ) -> Range<Int> {
        let kind = lists.lists(of: scalar.kind)
        return switch order {
        case .less: kind.lowerBound..<lists.firstList(notBelow: scalar)
        case .lessOrEqual: kind.lowerBound..<lists.firstList(above: scalar)
        case .greater: lists.firstList(above: scalar)..<kind.upperBound
        case .greaterOrEqual: lists.firstList(notBelow: scalar)..<kind.upperBound
        }
    }

    // MARK: - Over entries

    /// Whether one of the entries passes.
    func holds(_ entries: [MetadataEntry]) -> Bool {
        switch self {
        case .exists: !entries.isEmpty
        case .isAny(let scalars): entries.contains { scalars.contains($0.scalar) }
        case .isOrdered(let order, let scalar):
            entries.contains { Self.isOrdered(order, $0.scalar, scalar) }
        case .contains(let scalar): entries.contains { Self.contains($0, scalar) }
        case .fails: false
        }
    }

    private static func isOrdered(
        _ order: Order,
        _ left: MetadataScalar,
        _ right: MetadataScalar
    ) -> Bool {
        guard left.kind == right.kind else { return false }
        return switch order {
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        }
    }

    private static func contains(_ entry: MetadataEntry, _ scalar: MetadataScalar) -> Bool {
        if entry.isElement { return entry.scalar == scalar }
        guard case .string(let whole) = entry.scalar, case .string(let part) = scalar else {
            return false
        }
        return part.isEmpty || ByteSearch(part).first(in: whole) != nil
    }
}
