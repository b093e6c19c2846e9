internal import Foundation
internal import TOMLKit

/// The text of a TOML file, and on which line of it a value stands.
///
/// TOMLKit says where a file is malformed, but not where a value of a sound one is. The lines are
/// asked for one by one instead: the value stands after the longest part of the file that parses
/// without it. That is exact, for a statement that goes over several lines parses only as a whole,
/// and it is needed for an error only.
struct TOMLFile: Sendable {
    /// One step from the top of a file to a value.
    enum Step: Sendable, Hashable {
        case key(String)
        case index(Int)
    }

    /// Far more than every setting with its explanation; read before anything is known of the file.
    static let byteCountMax = 256 << 10

    let path: String
    private let lines: [Substring]

    /// Reads a file.
    ///
    /// - Throws: `SettingsError` when it cannot be read, is too large, or is not UTF-8.
    init(path: String) throws(SettingsError) {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw SettingsError(
                "\(path) cannot be read; is there such a file, and may you read it?"
            )
        }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: Self.byteCountMax + 1) else {
            throw SettingsError("\(path) cannot be read; it has to be a file")
        }
        guard data.count <= Self.byteCountMax else {
            throw SettingsError("\(path) has more than \(Self.byteCountMax) bytes")
        }
        guard let text = String(validating: data, as: UTF8.self), !text.utf8.contains(0) else {
            throw SettingsError("\(path) is not UTF-8 text")
        }
        self.init(path: path, text: text)
    }

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// Parses the whole file.
    ///
    /// - Throws: `SettingsError` with the line and column that is malformed.
    func parse() throws(SettingsError) -> TOMLTable {
        do {
            return try table(lines.count)
        } catch let error as TOMLParseError {
            let place = error.source.begin
            throw SettingsError("\(path):\(place.line):\(place.column): \(error.description)")
        } catch {
            throw SettingsError("\(path): \(error)")
        }
    }

    /// The error about a value: file, line, and what is wrong.
    ///
    /// - Parameters:
    ///   - steps: the way to the value; of one that is not there, as much of it counts as there is.
    ///   - message: the value, what it may be, and what to do.
    /// - Returns: the error, without a line when no part of the way is there.
    func error(at steps: [Step], _ message: String) -> SettingsError {
        SettingsError((line(of: steps).map { "\(path):\($0)" } ?? path) + ": \(message)")
    }

    /// The line, from 1, on which the statement of a value begins.
    func line(of steps: [Step]) -> Int? {
        guard let whole = try? table(lines.count) else { return nil }
        var steps = steps[...]
        while !steps.isEmpty, !Self.contains(steps, in: whole) { steps.removeLast() }
        guard !steps.isEmpty else { return nil }
        // So many lines parse, and do not have the value; so many have it, or do not parse.
        var (without, end) = (0, lines.count)
        while without + 1 < end {
            let middle = (without + end) / 2
            var probe = middle
            var part = try? table(probe)
            while part == nil, probe + 1 < end {
                probe += 1
                part = try? table(probe)
            }
            if let part, !Self.contains(steps, in: part) { without = probe } else { end = middle }
        }
        return without + 1
    }

    /// The first lines of the file, parsed.
    private func table(_ lineCount: Int) throws -> TOMLTable {
        try TOMLTable(string: lines.prefix(lineCount).joined(separator: "\n"))
    }

    private static func contains(_ steps: ArraySlice<Step>, in table: TOMLTable) -> Bool {
        var value: TOMLValue = table.tomlValue
        for step in steps {
            switch step {
            case .key(let key):
                guard let next = value.table?[key] else { return false }
                value = next.tomlValue
            case .index(let index):
                guard let array = value.array, index < array.count else { return false }
                value = array[index].tomlValue
            }
        }
        return true
    }
}

extension [TOMLFile.Step] {
    /// As in `model[1].max_tokens`.
    var spelled: String {
        reduce("") { text, step in
            switch step {
            case .key(let key): text.isEmpty ? key : "\(text).\(key)"
            case .index(let index): "\(text)[\(index)]"
            }
        }
    }

    /// Reads what `spelled` writes.
    init(spelled text: String) {
        self = text.split(whereSeparator: { ".[]".contains($0) }).map { part in
            Int(part).map { .index($0) } ?? .key(String(part))
        }
    }
}
