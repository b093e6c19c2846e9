/// Values that were used of late, bounded in number and in bytes.
///
/// Nodes in an array, linked from the most to the least recently used, and a dictionary to find
/// them.
///
/// - Complexity: O(1) for each operation, amortised.
package struct LRUCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Node: Sendable {
        var key: Key
        var value: Value
        var byteCount: Int
        var newer: Int?
        var older: Int?
    }

    /// An entry larger than this part of the whole is not kept: it would push out too many others.
    private static var largestPart: Int { 64 }

    private let entriesMax: Int
    private let byteCountMax: Int
    private var nodes: [Node?] = []
    private var places: [Key: Int] = [:]
    private var free: [Int] = []
    private var newest: Int?
    private var oldest: Int?

    /// Bytes of all entries, as they were given.
    package private(set) var byteCount = 0

    /// Entries.
    package var count: Int { places.count }

    /// Makes an empty cache; with a bound of 0 it stays empty.
    package init(entriesMax: Int, byteCountMax: Int) {
        precondition(
            entriesMax >= 0 && byteCountMax >= 0,
            "bounds of a cache: \(entriesMax) entries, \(byteCountMax) bytes"
        )
        self.entriesMax = entriesMax
        self.byteCountMax = byteCountMax
    }

    /// The value of a key, which thereby becomes the most recently used.
    package mutating func value(for key: Key) -> Value? {
        guard let place = places[key] else { return nil }
        unlink(place)
        link(place)
        return nodes[place]?.value
    }

    /// Keeps a value as the most recently used, at the expense of the least recently used ones.
    ///
    /// - Parameters:
    ///   - value: replaces the key's old one.
    ///   - key: the key.
    ///   - byteCount: what the entry takes, key included.
    package mutating func insert(_ value: Value, for key: Key, byteCount: Int) {
        if let place = places[key] { remove(place) }
        guard entriesMax > 0, byteCount <= byteCountMax / Self.largestPart else { return }
        while let oldest, count >= entriesMax || self.byteCount + byteCount > byteCountMax {
            remove(oldest)
        }
        let node = Node(key: key, value: value, byteCount: byteCount)
        let place = free.popLast() ?? nodes.endIndex
        if place == nodes.endIndex { nodes.append(node) } else { nodes[place] = node }
        places[key] = place
        self.byteCount += byteCount
        link(place)
    }

    private mutating func remove(_ place: Int) {
        unlink(place)
        guard let node = nodes[place] else { return }
        places[node.key] = nil
        byteCount -= node.byteCount
        nodes[place] = nil
        free.append(place)
    }

    private mutating func link(_ place: Int) {
        nodes[place]?.older = newest
        nodes[place]?.newer = nil
        if let newest { nodes[newest]?.newer = place } else { oldest = place }
        newest = place
    }

    private mutating func unlink(_ place: Int) {
        guard let node = nodes[place] else { return }
        if let newer = node.newer { nodes[newer]?.older = node.older } else { newest = node.older }
        if let older = node.older { nodes[older]?.newer = node.newer } else { oldest = node.newer }
    }
}
