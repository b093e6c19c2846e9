internal import RagHTTP
internal import TOMLKit

/// Reads the keys of one table by name, with types and ranges checked, and remembers which names it
/// was asked for, so that the others can be refused.
struct TOMLFields {
    private let file: TOMLFile
    private let table: TOMLTable
    private let steps: [TOMLFile.Step]
    private var known: [String] = []

    /// The table of a whole file.
    init(_ file: TOMLFile) throws(SettingsError) {
        self.init(file, try file.parse(), at: [])
    }

    private init(_ file: TOMLFile, _ table: TOMLTable, at steps: [TOMLFile.Step]) {
        self.file = file
        self.table = table
        self.steps = steps
    }

    /// Whether the table has this key; asked only to say what is missing beside it.
    func has(_ name: String) -> Bool { table[name] != nil }

    /// A string; a secret one is not shown in errors.
    mutating func string(
        _ name: String,
        isSecret: Bool = false
    ) throws(SettingsError) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.string else {
            throw isSecret
                ? error(name, "must be a string") : error(name, value, "must be a string")
        }
        return text
    }

    /// A string that means something: what `parse` makes of it, or an error that it must be what is
    /// `expected`.
    mutating func string<Value>(
        _ name: String,
        expected: String,
        _ parse: (String) -> Value?
    ) throws(SettingsError) -> Value? {
        guard let text = try string(name) else { return nil }
        guard let value = parse(text) else {
            throw error(name, "'\(text.prefix(100))' is not allowed: it must be \(expected)")
        }
        return value
    }

    /// One of the words of an enumeration.
    mutating func choice<Choice>(_ name: String) throws(SettingsError) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return try string(name, expected: "one of \(words)") { Choice(rawValue: $0) }
    }

    /// A whole number in a range.
    mutating func integer(
        _ name: String,
        in range: ClosedRange<Int>
    ) throws(SettingsError) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.int, range.contains(number) else {
            throw error(
                name,
                value,
                "must be a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    /// Strings.
    mutating func strings(_ name: String) throws(SettingsError) -> [String]? {
        guard let value = value(name) else { return nil }
        guard let array = value.array else { throw error(name, value, "must be a list of strings") }
        var strings: [String] = []
        for element in array {
            guard let text = element.string else {
                throw error(name, value, "must be a list of strings")
            }
            strings.append(text)
        }
        return strings
    }

    /// Tables written as `[[name]]`, in the order of the file; `hint` says what may have been meant
    /// when it is something else.
    mutating func tables(_ name: String, hint: String) throws(SettingsError) -> [TOMLFields] {
        guard let value = value(name) else { return [] }
        let tables = value.array.map { $0.map(\.tomlValue.table) } ?? [nil]
        var fields: [TOMLFields] = []
        for (index, table) in tables.enumerated() {
            guard let table else {
                throw error(name, "must be tables, each under a line [[\(name)]]; \(hint)")
            }
            fields.append(TOMLFields(file, table, at: steps + [.key(name), .index(index)]))
        }
        return fields
    }

    /// Refuses the table when it has a key that nobody asked for.
    func refuseUnknown() throws(SettingsError) {
        guard let name = table.keys.first(where: { !known.contains($0) }) else { return }
        let hint =
            NearestName.find(name, among: known).map { "did you mean \($0)?" }
            ?? "known keys: \(known.sorted().joined(separator: ", "))"
        throw file.error(
            at: steps + [.key(name)],
            "unknown key '\(name.prefix(64))'" + (steps.isEmpty ? "" : " in [[model]]")
                + "; \(hint)"
        )
    }

    /// The error about a key, or about this table when it has no such key.
    func error(_ name: String, _ message: String) -> SettingsError {
        file.error(at: steps + [.key(name)], "\((steps + [.key(name)]).spelled): \(message)")
    }

    private func error(_ name: String, _ value: TOMLValue, _ message: String) -> SettingsError {
        error(name, "\(value.debugDescription.prefix(100)) is not allowed: it \(message)")
    }

    private mutating func value(_ name: String) -> TOMLValue? {
        known.append(name)
        return table[name]?.tomlValue
    }
}
