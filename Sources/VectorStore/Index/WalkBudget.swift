/// How many nodes a filtered walk may expand before it is given up.
package struct WalkBudget: Sendable, Equatable {
    /// How many nodes may be expanded.
    package private(set) var expansions: Int
    /// How many of them while the beam has room: after so many it ought to have been filled.
    package private(set) var expansionsToFill: Int

    /// As many as there are.
    static let unlimited = WalkBudget(expansions: .max, expansionsToFill: .max)

    package init(expansions: Int, expansionsToFill: Int) {
        self.expansions = expansions
        self.expansionsToFill = expansionsToFill
    }

    /// Whether the walk is to be given up.
    package var isSpent: Bool { expansions <= 0 || expansionsToFill <= 0 }

    /// Notes that a node is expanded.
    @inline(__always)
    package mutating func spend(isFull: Bool) {
        expansions -= 1
        if !isFull { expansionsToFill -= 1 }
    }
}
