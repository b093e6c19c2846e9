/// What the two ways of a filtered search cost here: measured, since they follow from the machine, the
/// dimension and the size of the index.
package struct SearchCosts: Sendable {
    /// To look up one selected key and measure its code, in nanoseconds.
    package var scannedSlot: Double
    /// To measure the neighbours of one node on the way, in nanoseconds.
    package var expandedNode: Double
    /// The slots that there were.
    package var slotCount: Int

    /// How a filtered search goes.
    package enum Way: Sendable, Equatable {
        /// Measures every selected vector.
        case scan
        /// Walks the graph through nodes that are selected and others alike.
        case walk(WalkBudget)
    }

    package init(scannedSlot: Double, expandedNode: Double, slotCount: Int) {
        self.scannedSlot = scannedSlot
        self.expandedNode = expandedNode
        self.slotCount = slotCount
    }

    /// The cheaper way to the `width` nearest of `selected` out of `count`.
    ///
    /// A walk expands the nodes that are nearer than the last of its beam: `width` of those selected, hence
    /// `width / share` of all, if what is selected is spread like the rest. Or it lies far from the query, and
    /// the walk drowns in what is not selected. So it is given up when it has cost what a scan does, or, long
    /// before, when it has met so many nodes without filling its beam that it is bound to; a scan then does
    /// it.
    package func way(width: Int, selected: Int, of count: Int) -> Way {
        guard selected > width, count > 0 else { return .scan }
        let expected = Double(width) * max(1, Double(count) / Double(selected))
        let affordable = scannedSlot * Double(selected) / expandedNode
        guard expected < affordable else { return .scan }
        return .walk(WalkBudget(expansions: Int(affordable), nodesToFill: Int(affordable)))
    }
}
