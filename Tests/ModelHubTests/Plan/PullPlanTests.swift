import ModelHub
import Testing

@Suite("Pull plan")
struct PullPlanTests {
    private static let digest = ContentDigest(sha256: String(repeating: "a", count: 64))

    /// A repository with files of given sizes.
    private static func repository(_ sizes: [String: Int]) throws -> ModelRepository {
        var repository = ModelRepository(
            reference: try RepositoryReference("o/m"),
            commit: String(repeating: "0", count: 40)
        )
        let oid = String(repeating: "b", count: 40)
        let entries = sizes.map { path, size in
            #"{"type":"file","path":"\#(path)","size":\#(size),"oid":"\#(oid)"}"#
        }
        try repository.add(page: Array("[\(entries.joined(separator: ","))]".utf8))
        return repository
    }

    private static let small = ["config.json": 1, "tokenizer.json": 1]

    private static func plan(
        _ sizes: [String: Int],
        extent: PullPlan.Extent = .whole,
        guides: [String: String] = [:]
    ) throws -> [String] {
        try PullPlan(
            repository: repository(sizes),
            extent: extent,
            guides: guides.mapValues { Array($0.utf8) }
        ).files.map(\.path.text)
    }

    @Test("takes settings first, then weights")
    func ordersFiles() throws {
        var sizes = Self.small
        sizes["model.safetensors"] = 1
        sizes["sentence_bert_config.json"] = 1
        sizes["vocab.txt"] = 1
        #expect(
            try Self.plan(sizes) == [
                "config.json", "sentence_bert_config.json", "tokenizer.json", "model.safetensors",
            ]
        )
    }

    @Test("takes the one file of weights rather than shards where there are both")
    func prefersOneFile() throws {
        var sizes = Self.small
        for name in ["model.safetensors", "model.safetensors.index.json", "model-1.safetensors"] {
            sizes[name] = 1
        }
        let guides = try PullPlan.guides(of: Self.repository(sizes), extent: .whole)
        #expect(guides.isEmpty)
        #expect(try Self.plan(sizes).contains("model-1.safetensors") == false)
    }

    @Test("takes the weights of a dense module, and not for the tokenizer alone")
    func takesDense() throws {
        var sizes = Self.small
        for name in ["model.safetensors", "2_Dense/config.json", "2_Dense/model.safetensors"] {
            sizes[name] = 1
        }
        let guides = ["modules.json": #"[{"path":""},{"path":"2_Dense"}]"#]
        let whole = try Self.plan(sizes, guides: guides)
        #expect(whole.contains("2_Dense/model.safetensors"))
        let tokenizer = try Self.plan(sizes, extent: .tokenizer, guides: guides)
        #expect(tokenizer == ["2_Dense/config.json", "config.json", "tokenizer.json"])
    }

    @Test("refuses a dense module whose weights are a pickle")
    func refusesPickledModule() throws {
        var sizes = Self.small
        for name in ["model.safetensors", "2_Dense/config.json", "2_Dense/pytorch_model.bin"] {
            sizes[name] = 1
        }
        let guides = ["modules.json": #"[{"path":"2_Dense"}]"#]
        #expect(throws: HubError.self) { try Self.plan(sizes, guides: guides) }
    }

    @Test("names what is missing", arguments: ["config.json", "tokenizer.json"])
    func namesMissing(name: String) throws {
        var sizes = Self.small
        sizes["model.safetensors"] = 1
        sizes[name] = nil
        let error = #expect(throws: HubError.self) { try Self.plan(sizes) }
        #expect(error?.code == .unsupported && error?.message.contains(name) == true)
    }

    @Test(
        "refuses modules and shards outside the folder or with odd names",
        arguments: ["../x", "/x", "a b", "a\\\\b", ".hidden", "x/../y", "-x"]
    )
    func refusesOddNames(name: String) throws {
        var sizes = Self.small
        sizes["model.safetensors"] = 1
        #expect(throws: HubError.self) {
            try Self.plan(sizes, guides: ["modules.json": #"[{"path":"\#(name)"}]"#])
        }
        sizes["model.safetensors"] = nil
        sizes["model.safetensors.index.json"] = 1
        let index = #"{"weight_map":{"a":"\#(name).safetensors"}}"#
        #expect(throws: HubError.self) {
            try Self.plan(sizes, guides: ["model.safetensors.index.json": index])
        }
    }

    @Test(
        "refuses files that are too large",
        arguments: [
            ("config.json", 1 << 20), ("tokenizer.json", 128 << 20),
            ("model.safetensors", 50_000_000_000),
        ]
    )
    func refusesLargeFiles(name: String, limit: Int) throws {
        var sizes = Self.small
        sizes["model.safetensors"] = 1
        sizes[name] = limit
        #expect(try Self.plan(sizes).contains(name))
        sizes[name] = limit + 1
        let error = #expect(throws: HubError.self) { try Self.plan(sizes) }
        #expect(error?.message.contains("\(limit)") == true)
    }

    @Test("refuses a model that is too large in all")
    func refusesLargeModels() throws {
        var sizes = Self.small
        sizes["model.safetensors.index.json"] = 1
        for shard in 0..<3 { sizes["m\(shard).safetensors"] = 45_000_000_000 }
        let index =
            #"{"weight_map":{"a":"m0.safetensors","b":"m1.safetensors","c":"m2.safetensors"}}"#
        #expect(throws: HubError.self) {
            try Self.plan(sizes, guides: ["model.safetensors.index.json": index])
        }
    }

    @Test("a listing that has a path twice is refused")
    func refusesTwice() throws {
        var repository = try Self.repository(["a": 1])
        let page =
            #"[{"type":"file","path":"a","size":1,"oid":"\#(String(repeating: "b", count: 40))"}]"#
        #expect(throws: HubError.self) { try repository.add(page: Array(page.utf8)) }
    }
}
