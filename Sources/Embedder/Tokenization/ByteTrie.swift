/// A map from byte strings to non-negative numbers that finds the longest key at a place in one pass.
///
/// A double-array trie (Aoe, "An efficient digital search algorithm by using a double-array
/// structure", 1989) with exclusive or in place of addition, so that a node's children all lie in
/// one block of 256 cells. A step is one look-up: for 30,000 tokens everything fits a level-2 cache.
///
/// Thread safety: immutable.
struct ByteTrie: Sendable {
    /// A place in the trie: a prefix of at least one key.
    struct Node: Sendable, Equatable {
        fileprivate let cell: Int32

        /// The empty prefix.
        static let root = Node(cell: 0)
    }

    fileprivate struct Cell {
        /// Exclusive or with a byte gives the cell of the child.
        var base: Int32 = 0
        /// The cell of the parent; `vacant` when the cell is free, `none` for the root.
        var parent: Int32 = Cell.vacant
        /// The value of the key that ends here; `absent` when none does.
        var value: Int32 = Cell.absent

        static let vacant: Int32 = -1
        static let none: Int32 = -2
        static let absent: Int32 = -1
    }

    private var cells: [Cell]

    /// The longest key that starts at a place.
    struct Match {
        let value: Int32
        let end: Int
    }

    /// Creates a trie.
    ///
    /// - Parameter keys: distinct and in ascending order of their bytes; values are not negative.
    init(sortedKeys keys: [(bytes: [UInt8], value: Int32)]) {
        var builder = Builder()
        builder.add(keys)
        cells = builder.cells
    }

    /// The child of `node` for `byte`.
    @inline(__always)
    func child(of node: Node, byte: UInt8) -> Node? {
        let next = cells[Int(node.cell)].base ^ Int32(byte)
        return cells[Int(next)].parent == node.cell ? Node(cell: next) : nil
    }

    /// The value of the key that ends at `node`.
    @inline(__always)
    func value(at node: Node) -> Int32? {
        let value = cells[Int(node.cell)].value
        return value == Cell.absent ? nil : value
    }

    /// The node that `bytes` lead to from the root.
    func node(_ bytes: some Sequence<UInt8>) -> Node? {
        var node = Node.root
        for byte in bytes {
            guard let next = child(of: node, byte: byte) else { return nil }
            node = next
        }
        return node
    }

    /// The value of the key `bytes`.
    func value(of bytes: some Sequence<UInt8>) -> Int32? {
        guard let node = node(bytes) else { return nil }
        let value = cells[Int(node.cell)].value
        return value == Cell.absent ? nil : value
    }

    /// The longest key in `bytes` from `position`, below `node` and not past `end`.
    ///
    /// The key is never empty.
    @inline(__always)
    func longestMatch(
        _ bytes: Span<UInt8>,
        from position: Int,
        to end: Int,
        below node: Node = .root
    ) -> Match? {
        var node = node
        var best: Match?
        for index in position..<end {
            guard let next = child(of: node, byte: bytes[index]) else { break }
            node = next
            let value = cells[Int(node.cell)].value
            if value != Cell.absent { best = Match(value: value, end: index + 1) }
        }
        return best
    }
}

// MARK: - Building

extension ByteTrie {
    /// Places nodes first-fit into the last blocks, opening a new block when none has room.
    private struct Builder {
        /// Blocks before the last sixteen are left as they are: keeps building linear.
        private static let openBlocksMax = 16
        private static let blockSize = 256

        private(set) var cells: [Cell] = []
        /// For each block, no cell below this offset is free.
        private var firstFree: [Int] = []

        private struct Pending {
            let cell: Int
            let keys: Range<Int>
            let depth: Int
        }

        init() {
            openBlock()
            cells[0].parent = Cell.none
        }

        mutating func add(_ keys: [(bytes: [UInt8], value: Int32)]) {
            var pending = [Pending(cell: 0, keys: 0..<keys.count, depth: 0)]
            while let node = pending.popLast() {
                var rest = node.keys
                if let first = rest.first, keys[first].bytes.count == node.depth {
                    precondition(keys[first].value >= 0, "value \(keys[first].value) in a trie")
                    cells[node.cell].value = keys[first].value
                    rest.removeFirst()
                }
                let groups = Self.groups(of: keys, in: rest, depth: node.depth)
                guard !groups.isEmpty else { continue }
                let base = place(groups.map(\.label))
                cells[node.cell].base = Int32(base)
                for group in groups {
                    let cell = base ^ Int(group.label)
                    cells[cell].parent = Int32(node.cell)
                    let depth = node.depth + 1
                    pending.append(Pending(cell: cell, keys: group.keys, depth: depth))
                }
            }
        }

        /// The keys of `range` by their byte at `depth`.
        private static func groups(
            of keys: [(bytes: [UInt8], value: Int32)],
            in range: Range<Int>,
            depth: Int
        ) -> [(label: UInt8, keys: Range<Int>)] {
            var groups: [(label: UInt8, keys: Range<Int>)] = []
            for index in range {
                precondition(keys[index].bytes.count > depth, "keys of a trie must be distinct")
                let label = keys[index].bytes[depth]
                if let last = groups.last, last.label == label {
                    groups[groups.count - 1].keys = last.keys.lowerBound..<index + 1
                } else {
                    precondition(
                        groups.last.map { $0.label < label } ?? true,
                        "keys must be sorted"
                    )
                    groups.append((label, index..<index + 1))
                }
            }
            return groups
        }

        /// A base for which the cells of all `labels` are free.
        private mutating func place(_ labels: [UInt8]) -> Int {
            for block in max(0, firstFree.count - Self.openBlocksMax)..<firstFree.count {
                let start = block * Self.blockSize
                while firstFree[block] < Self.blockSize, !isFree(start + firstFree[block]) {
                    firstFree[block] += 1
                }
                for offset in firstFree[block]..<Self.blockSize where isFree(start + offset) {
                    let base = (start + offset) ^ Int(labels[0])
                    if labels.allSatisfy({ isFree(base ^ Int($0)) }) { return base }
                }
            }
            openBlock()
            return cells.count - Self.blockSize
        }

        private func isFree(_ cell: Int) -> Bool {
            cells[cell].parent == Cell.vacant
        }

        private mutating func openBlock() {
            cells.append(contentsOf: repeatElement(Cell(), count: Self.blockSize))
            firstFree.append(0)
        }
    }
}
