import RagCore
import VectorStore

/// A few short documents about plainly different things.
enum Library {
    static let name = "library"

    static let documents = [
        DocumentInput(
            id: "bread",
            text:
                "Knead flour, water, salt and yeast into a dough. Let it rise for two hours, then "
                + "bake the loaf in a hot oven until the crust is brown.",
            title: "Baking bread",
            metadata: ["topic": "food", "year": 2021, "tags": .array(["oven", "yeast"])],
            source: "kitchen/bread.md"
        ),
        DocumentInput(
            id: "soup",
            text: "Simmer onions, carrots and lentils in vegetable stock for forty minutes and "
                + "season with pepper.",
            title: "Lentil soup",
            metadata: ["topic": "food", "year": 2019]
        ),
        DocumentInput(
            id: "wings",
            text: "The lift of a wing grows with the square of the air speed and with the angle of "
                + "attack, until the flow separates and the wing stalls.",
            title: "How wings work",
            metadata: ["topic": "flight", "year": 2021]
        ),
        DocumentInput(
            id: "engines",
            text: "A turbofan compresses air, burns fuel in it, and drives the fan by a turbine in "
                + "the exhaust; most of the thrust comes from the bypass stream.",
            title: "Jet engines",
            metadata: ["topic": "flight", "year": 2023]
        ),
        DocumentInput(
            id: "tides",
            text:
                "The gravity of the moon raises two bulges in the oceans, so that most coasts see "
                + "two high waters a day.",
            metadata: ["topic": "sea"]
        ),
    ]

    /// A text of `count` sentences that have little in common.
    static func prose(sentences count: Int) -> String {
        let nouns = ["harbour", "engine", "garden", "treaty", "glacier", "violin", "market"]
        let verbs = ["freezes", "opens", "sings", "collapses", "expands", "waits", "shines"]
        return (0..<count).map { index in
            "The \(nouns[index % 7]) number \(index) \(verbs[index / 7 % 7]) before the "
                + "\(nouns[(index + 3) % 7]) of year \(1_500 + index)."
        }
        .joined(separator: " ")
    }
}

extension ServiceFixture {
    /// Makes the collection, with the library in it.
    func addLibrary(_ spec: CollectionSpec = CollectionSpec(name: Library.name)) async throws {
        _ = try await service.createCollection(spec)
        let outcomes = try await service.ingest(Library.documents, into: spec.name)
        guard outcomes.allSatisfy({ $0.status == .created }) else {
            throw MissingInput("the library was not stored: \(outcomes)")
        }
    }

    /// Ids of the documents that a search finds, best first.
    func search(_ request: SearchRequest) async throws -> [String] {
        try await service.search(request, in: Library.name).hits.map(\.documentID)
    }
}

/// The error that `body` throws, or `nil`.
func ragError<Value>(_ body: () async throws(RagError) -> Value) async -> RagError? {
    do throws(RagError) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}
