/// A condition on a document's metadata.
///
/// A key is a path: `author.name` is the value `name` of the object `author`, and, when `author` is
/// an array of objects, the `name` of each of them. Arrays are transparent: a comparison holds when
/// **any** element satisfies it.
///
/// | operator | holds when | operand |
/// |---|---|---|
/// | `eq` | some value at the key equals the operand | scalar |
/// | `ne` | `eq` does not hold, so also where the key is missing | scalar |
/// | `gt` `gte` `lt` `lte` | some value of the operand's kind at the key is in that order to it | number, string |
/// | `in` | some value at the key equals one of the operands | array of scalars |
/// | `nin` | `in` does not hold, so also where the key is missing | array of scalars |
/// | `exists` | the key is present (`true`) or missing (`false`); null and empty values are present | boolean |
/// | `contains` | an array at the key has the operand as an element, or a string there has it as a part | scalar |
///
/// Values of different kinds are never equal and never ordered: `"1"`, `1` and `true` are three
/// kinds. Integers and fractions are one kind, compared by value (`1` equals `1.0`), exactly. Strings
/// compare by their UTF-8 bytes. Null equals null only.
public indirect enum Filter: Sendable, Hashable {
    /// Every one of them holds.
    case and([Filter])
    /// At least one of them holds.
    case or([Filter])
    /// It does not hold.
    case not(Filter)
    /// The value at `key` stands in the given relation to the operand.
    case compare(key: String, Operator, MetadataValue)

    /// The relations, spelled as in a request.
    public enum Operator: String, Sendable, Hashable, CaseIterable {
        /// Equal.
        case equal = "eq"
        /// Not equal, or missing.
        case notEqual = "ne"
        /// Greater.
        case greater = "gt"
        /// Greater or equal.
        case greaterOrEqual = "gte"
        /// Less.
        case less = "lt"
        /// Less or equal.
        case lessOrEqual = "lte"
        /// Equal to one of a list.
        case anyOf = "in"
        /// Equal to none of a list, or missing.
        case noneOf = "nin"
        /// Present or missing.
        case exists
        /// Element of an array or part of a string.
        case contains
    }
}
