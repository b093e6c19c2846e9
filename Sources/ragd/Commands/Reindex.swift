import ArgumentParser
import RagCore
import RagHTTP
import VectorStore

/// Has a running daemon make a collection's index anew.
struct Reindex: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Make a collection's index anew with other parameters, while the present one serves.",
        discussion: """
            What is not given stays. Ends when the new index has taken over; interrupted, the daemon goes on \
            without this command. Giving the present parameters calls off what is under way.
            """
    )

    @Argument(help: "The collection.")
    var collection: String

    @Option(name: .customLong("m"), help: "Links of a node: 2 to 128.")
    var connectivity: Int?

    @Option(help: "Beam width while building: 1 to 4096.")
    var efConstruction: Int?

    @Option(help: "What a search measures on its way: int8 or none.", transform: choice)
    var quantization: HNSWParameters.Quantization?

    @Option(help: "Where vectors are: memory or disk.", transform: choice)
    var vectors: HNSWParameters.VectorPlace?

    @OptionGroup var daemon: ClientOptions

    func run() async throws {
        let client = try daemon.client()
        let index = CollectionSpec.Index(
            connectivity: connectivity,
            expansionConstruction: efConstruction,
            quantization: quantization,
            vectors: vectors
        )
        var reply = try await client.reindex(collection, index)
        while let progress = reply.index.reindex?.progress {
            Console.progress("\(Int(progress * 100)) % of \(reply.chunks) chunks")
            try await Task.sleep(for: .milliseconds(250))
            guard let now = try await client.collection(collection) else {
                Console.endProgress()
                throw CommandFailure("the collection '\(collection)' was dropped meanwhile")
            }
            reply = now
        }
        Console.endProgress()
        if daemon.json {
            try Console.json(reply)
        } else {
            let now = reply.index
            print(
                "\(collection): m \(now.m), ef_construction \(now.efConstruction), "
                    + "quantization \(now.quantization), vectors \(now.vectors)"
            )
        }
    }
}
