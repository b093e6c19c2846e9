import TestSupport
import Testing
import VectorStore

/// Searches among selected keys: by either way, and by the one that costs choose.
@Suite("Filtered search")
struct FilteredSearchTests {
    private static let count = 3_000

    /// Costs that make one way the cheaper by far.
    enum Choice: CaseIterable {
        case scan
        case walk
        case measured

        var costs: SearchCosts? {
            switch self {
            case .scan: SearchCosts(scannedSlot: 1, expandedNode: 1e9, slotCount: 1)
            case .walk: SearchCosts(scannedSlot: 1e9, expandedNode: 1, slotCount: 1)
            case .measured: nil
            }
        }
    }

    @Test(
        "finds the nearest selected at every share",
        arguments: Choice.allCases,
        [HNSWParameters.Quantization.int8, .none]
    )
    func findsNearest(choice: Choice, quantization: HNSWParameters.Quantization) throws {
        var fixture = IndexFixture(dimension: 24, metric: .cosine, seed: 31)
        let index = try fixture.makeIndex(
            over: fixture.vectors(Self.count),
            quantization: quantization
        )
        for divisor: ChunkKey in [1, 2, 5, 20, 100, 1_000, 5_000] {
            let selection = Selection(
                ascending: (0..<ChunkKey(Self.count)).filter { $0 % divisor == 0 }
            )
            let recall = try recall(index, fixture.vectors(30), selection, choice)
            #expect(recall > 0.985, "\(choice), one in \(divisor)")
        }
    }

    @Test(
        "finds selected vectors that lie far from the query, or all beside it",
        arguments: Choice.allCases
    )
    func findsCorrelated(choice: Choice) throws {
        var fixture = IndexFixture(dimension: 24, metric: .cosine, seed: 32)
        let index = try fixture.makeIndex(over: fixture.vectors(Self.count))
        for query in fixture.vectors(6) {
            let byDistance = try index.exactSearch(query, count: Self.count).map(\.key)
            for share in [3, 30, 300, 1_500] {
                for keys in [byDistance.prefix(share), byDistance.suffix(share)] {
                    let selection = Selection(ascending: keys.sorted())
                    let recall = try recall(index, [query], selection, choice)
                    #expect(recall >= 0.9, "\(choice), \(share)")
                }
            }
        }
    }

    @Test("passes over keys that are removed or unknown", arguments: Choice.allCases)
    func passesOverRemoved(choice: Choice) throws {
        var fixture = IndexFixture(dimension: 12, metric: .euclidean, seed: 33)
        let index = try fixture.makeIndex(over: fixture.vectors(800))
        let selection = Selection(ascending: (400..<ChunkKey(2_000)))
        for key in ChunkKey(400)..<500 { index.remove(key: key) }
        for query in fixture.vectors(10) {
            let hits = try index.search(
                query,
                count: 500,
                expansion: 64,
                among: selection,
                costs: choice.costs
            )
            #expect(Set(hits.map(\.key)) == Set(500..<800))
        }
        let none = Selection(ascending: [])
        let query = fixture.vector()
        #expect(try index.search(query, count: 5, expansion: 64, among: none).isEmpty)
    }

    private func recall(
        _ index: HNSWIndex,
        _ queries: [[Float]],
        _ selection: Selection,
        _ choice: Choice
    ) throws -> Double {
        var found = 0
        var wanted = 0
        for query in queries {
            let truth = try index.exactSearch(query, count: 10, among: selection)
            let hits = try index.search(
                query,
                count: 10,
                expansion: 96,
                among: selection,
                costs: choice.costs
            )
            #expect(hits.count == truth.count)
            #expect(hits.allSatisfy { selection.contains($0.key) })
            found += Set(hits.map(\.key)).intersection(truth.map(\.key)).count
            wanted += truth.count
        }
        return Double(found) / Double(wanted)
    }

    // MARK: - Choosing

    private let costs = SearchCosts(scannedSlot: 25, expandedNode: 1_500, slotCount: 200_000)

    @Test("few are scanned, many are walked to")
    func choosesByCost() {
        #expect(costs.way(width: 128, selected: 100, of: 200_000) == .scan)
        #expect(costs.way(width: 128, selected: 10_000, of: 200_000) == .scan)
        guard case .walk(let budget) = costs.way(width: 128, selected: 100_000, of: 200_000) else {
            Issue.record("a scan of 100,000 costs six times a walk")
            return
        }
        #expect(budget == WalkBudget(expansions: 1_666, nodesToFill: 1_666))
    }

    @Test(
        "a walk never may cost more than the scan beside it",
        arguments: [64, 128, 1_000, 10_000]
    )
    func boundsWalks(width: Int) {
        for selected in stride(from: 1, through: 200_000, by: 997) {
            guard case .walk(let budget) = costs.way(width: width, selected: selected, of: 200_000)
            else { continue }
            #expect(
                Double(budget.expansions) * costs.expandedNode
                    <= Double(selected) * costs.scannedSlot
            )
            #expect(budget.expansions >= width)
        }
    }

    @Test("a beam that nothing fills is given up early")
    func givesUpEarly() {
        var budget = WalkBudget(expansions: 100, nodesToFill: 30)
        for _ in 0..<50 { budget.spend(meeting: 10, isFull: true) }
        #expect(!budget.isSpent)
        for _ in 0..<3 { budget.spend(meeting: 10, isFull: false) }
        #expect(budget.isSpent)
    }
}
