/// What a filtered walk may spend before it is given up.
package struct WalkBudget: Sendable, Equatable {
    /// How many nodes may be expanded.
    package private(set) var expansions: Int
    /// How many nodes may be met until the beam is full.
    ///
    /// The share of hits among them is what tells early how long the walk will be: as many nodes as it takes
    /// to fill the beam are about as many as have to be expanded in the end.
    package private(set) var nodesToFill: Int

    /// As much as there is.
    static let unlimited = WalkBudget(expansions: .max, nodesToFill: .max)

    package init(expansions: Int, nodesToFill: Int) {
        self.expansions = expansions
        self.nodesToFill = nodesToFill
    }

    /// Whether the walk is to be given up.
    package var isSpent: Bool { expansions <= 0 || nodesToFill <= 0 }

    /// Notes that a node is expanded, which has so many neighbours that were not met before.
    @inline(__always)
    package mutating func spend(meeting count: Int, isFull: Bool) {
        expansions -= 1
        if !isFull { nodesToFill -= count }
    }
}
