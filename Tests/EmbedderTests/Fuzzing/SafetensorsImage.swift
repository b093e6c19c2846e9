import Foundation
import Testing

/// A safetensors file taken apart, so that a test can spoil one thing of it and put it together again.
struct SafetensorsImage {
    /// A tensor as the header has it.
    struct Entry {
        var name: String
        var dtype: String
        var shape: [Int]
        /// Relative to the data.
        var start: Int
        var end: Int
    }

    var entries: [Entry]
    var data: [UInt8]

    /// Takes a sound file apart.
    init(_ bytes: [UInt8]) throws {
        let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length]))
        entries = []
        for (name, value) in try #require(header as? [String: Any]) where name != "__metadata__" {
            let fields = try #require(value as? [String: Any])
            let offsets = try #require(fields["data_offsets"] as? [Int])
            entries.append(
                Entry(
                    name: name,
                    dtype: try #require(fields["dtype"] as? String),
                    shape: try #require(fields["shape"] as? [Int]),
                    start: offsets[0],
                    end: offsets[1]
                )
            )
        }
        // A dictionary has no order, and a seed must give the same file each time.
        entries.sort { $0.start < $1.start }
        data = Array(bytes[(8 + length)...])
    }

    /// The header's JSON.
    var header: [UInt8] {
        let members = entries.map { entry in
            let name = String(reflecting: entry.name)
            let dtype = String(reflecting: entry.dtype)
            return "\(name):{\"dtype\":\(dtype),\"shape\":\(entry.shape),"
                + "\"data_offsets\":[\(entry.start),\(entry.end)]}"
        }
        return Array("{\(members.joined(separator: ","))}".utf8)
    }

    /// The file.
    var bytes: [UInt8] { Self.lengthField(UInt64(header.count)) + header + data }

    /// A header's length as the file starts with it.
    static func lengthField(_ length: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    }

    /// Whether every byte of the data is in exactly one tensor, found by counting.
    var isCovered: Bool {
        var counts = [Int](repeating: 0, count: data.count)
        for entry in entries {
            guard 0 <= entry.start, entry.start <= entry.end, entry.end <= data.count else {
                return false
            }
            for index in entry.start..<entry.end { counts[index] += 1 }
        }
        return counts.allSatisfy { $0 == 1 }
    }

    /// Takes a tensor out, its bytes too, and moves those behind it up.
    mutating func remove(at index: Int) {
        let gone = entries.remove(at: index)
        data.removeSubrange(gone.start..<gone.end)
        for other in entries.indices where entries[other].start >= gone.end {
            entries[other].start -= gone.end - gone.start
            entries[other].end -= gone.end - gone.start
        }
    }
}
