import GRDB

/// A scalar of a document's metadata as `MetadataRows` stores it; its order is that of the rows.
enum MetadataScalar: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(MetadataNumber)
    /// UTF-8: strings compare by bytes.
    case string([UInt8])
    /// That there is an array or an object.
    case container

    /// Reads the columns `kind` and `value`, or nothing when no write of ours left them so.
    init?(kind: Int64, _ value: DatabaseValue) {
        switch (MetadataRows.Kind(rawValue: kind), value.storage) {
        case (.null, .int64(0)): self = .null
        case (.bool, .int64(let value)) where value == 0 || value == 1: self = .bool(value == 1)
        case (.number, .int64(let value)): self = .number(.init(value))
        case (.number, .double(let value)): self = .number(.init(value))
        case (.string, .blob(let data)): self = .string(Array(data))
        case (.container, .int64(0)): self = .container
        default: return nil
        }
    }

    /// The scalar that a filter's operand is, or nothing for an array or an object.
    init?(operand: MetadataValue) {
        guard let (kind, value) = MetadataRows.scalar(operand) else { return nil }
        self.init(kind: kind.rawValue, value)
    }

    var kind: MetadataRows.Kind {
        switch self {
        case .null: .null
        case .bool: .bool
        case .number: .number
        case .string: .string
        case .container: .container
        }
    }
}

extension MetadataScalar: Comparable {
    static func < (left: MetadataScalar, right: MetadataScalar) -> Bool {
        switch (left, right) {
        case (.bool(let left), .bool(let right)): !left && right
        case (.number(let left), .number(let right)): left < right
        case (.string(let left), .string(let right)): left.lexicographicallyPrecedes(right)
        default: left.kind.rawValue < right.kind.rawValue
        }
    }
}

/// A number in the one form that its value has, so that `1` and `1.0` are equal: compared exactly, as
/// SQLite compares integers with fractions.
enum MetadataNumber: Sendable, Hashable {
    case integer(Int64)
    /// Not whole, or outside the range of integers.
    case fraction(Double)

    init(_ value: Int64) {
        self = .integer(value)
    }

    init(_ value: Double) {
        self = Int64(exactly: value).map(Self.integer) ?? .fraction(value)
    }
}

extension MetadataNumber: Comparable {
    static func < (left: MetadataNumber, right: MetadataNumber) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): left < right
        case (.fraction(let left), .fraction(let right)): left < right
        case (.integer(let left), .fraction(let right)): !isBelow(right, left)
        case (.fraction(let left), .integer(let right)): isBelow(left, right)
        }
    }

    /// Whether a fraction, which no integer equals, is less than an integer.
    private static func isBelow(_ fraction: Double, _ integer: Int64) -> Bool {
        guard let floor = Int64(exactly: fraction.rounded(.down)) else { return fraction < 0 }
        return floor < integer
    }
}

/// A key by its bytes: Swift takes strings for equal that SQLite does not, such as an accented letter in
/// one piece and in two.
struct MetadataKey: Sendable, Hashable {
    let bytes: [UInt8]

    init(_ key: String) {
        bytes = Array(key.utf8)
    }

    var string: String { String(decoding: bytes, as: UTF8.self) }
}

/// One scalar at a key of a document.
struct MetadataEntry: Sendable, Hashable {
    var scalar: MetadataScalar
    /// Whether it is an element of an array.
    var isElement: Bool
}

extension MetadataEntry: Comparable {
    static func < (left: MetadataEntry, right: MetadataEntry) -> Bool {
        if left.scalar == right.scalar { return !left.isElement && right.isElement }
        return left.scalar < right.scalar
    }
}
