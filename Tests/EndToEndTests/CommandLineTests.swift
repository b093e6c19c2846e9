import Foundation
import TestSupport
import Testing

@Suite("Command line", .serialized)
struct CommandLineTests {
    private func write(_ text: String, _ name: String, in folder: TemporaryDirectory) throws {
        let file = folder.url.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
    }

    @Test("ingests a folder, updates what has changed, and answers with sources")
    func ingestsAndSearches() async throws {
        let data = try TemporaryDirectory()
        let folder = try TemporaryDirectory()
        try write("# Tides\n\nThe Moon raises two high waters a day.", "sea/tides.md", in: folder)
        try write("Knead the dough and let it rise overnight.", "bread.txt", in: folder)
        try write("hidden", ".secret.txt", in: folder)
        try write("{}", "data.json", in: folder)
        let daemon = try await Daemon(data: data.path)
        let ingest = ["ingest", folder.path, "--collection", "notes", "--url", daemon.url]

        let first = try await CommandLineRun(ingest)
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.errors.contains("2 created, 0 updated, 0 unchanged, 0 failed, 1 skipped"))
        try write("Bake it for an hour.", "bread.txt", in: folder)
        let second = try await CommandLineRun(ingest + ["--json"])
        #expect(second.errors.contains("0 created, 1 updated, 1 unchanged, 0 failed, 1 skipped"))
        #expect(second.output.contains(#""status":"skipped""#))

        let search = try await CommandLineRun([
            "search", "why is there high tide twice a day?", "--collection", "notes", "--limit",
            "1",
            "--url", daemon.url,
        ])
        #expect(search.status == 0, "\(search.errors)")
        #expect(search.output.contains("sea/tides.md"))
        #expect(search.output.contains("two high waters"))
        try await daemon.stop()
    }

    @Test("embeds and ranks")
    func embedsAndRanks() async throws {
        let data = try TemporaryDirectory()
        let daemon = try await Daemon(data: data.path)
        let embed = try await CommandLineRun(["embed", "a", "b", "--url", daemon.url])
        let vectors = embed.output.split(separator: "\n").compactMap { line in
            try? JSONDecoder().decode([Float].self, from: Data(line.utf8))
        }
        #expect(vectors.map(\.count) == [384, 384])
        let rerank = try await CommandLineRun([
            "rerank", "sugar", "steel", "sugar cane", "--url", daemon.url,
        ])
        #expect(rerank.output.split(separator: "\n").first?.hasSuffix("[1] sugar cane") == true)
        try await daemon.stop()
    }

    @Test("evaluates a small test collection")
    func evaluates() async throws {
        let data = try TemporaryDirectory()
        let folder = try TemporaryDirectory()
        try write(
            """
            {"_id":"1","title":"","text":"The Moon raises two high waters a day."}
            {"_id":"2","title":"Bread","text":"Knead the dough and let it rise."}
            """,
            "corpus.jsonl",
            in: folder
        )
        try write(#"{"_id":"q","text":"how do I make dough?"}"#, "queries.jsonl", in: folder)
        try write("query-id\tcorpus-id\tscore\nq\t2\t1\n", "qrels/test.tsv", in: folder)
        let daemon = try await Daemon(data: data.path)
        let run = try await CommandLineRun([
            "eval", folder.path, "--collection", "small", "--url", daemon.url, "--json",
        ])
        #expect(run.status == 0, "\(run.errors)")
        let lines = run.output.split(separator: "\n")
        #expect(lines.count == 5)
        #expect(lines.allSatisfy { $0.contains(#""ndcg_at_10":1"#) }, "\(run.output)")
        try await daemon.stop()
    }

    @Test("verifies the model and finds the machine sound")
    func verifies() async throws {
        let models = try ModelsFolder.path()
        let verify = try await CommandLineRun([
            "model", "verify", models + "/all-MiniLM-L6-v2",
        ])
        #expect(verify.status == 0, "\(verify.errors)")
        #expect(
            verify.output.contains(
                "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
            )
        )
        let list = try await CommandLineRun(["model", "list", "--models", models])
        #expect(list.output.contains("all-MiniLM-L6-v2"))
        let data = try TemporaryDirectory()
        let doctor = try await CommandLineRun([
            "doctor", "--data", data.path, "--models", models,
        ])
        #expect(doctor.status == 0, "\(doctor.output)")
    }

    @Test("compares a reranker's precisions, and says that random weights rank nothing")
    func verifiesReranker() async throws {
        let folder = ModelsFolder.packageRoot
            .appendingPathComponent("Tests/EmbedderTests/Fixtures/rerankers/qwen3-tied").path
        let verify = try await CommandLineRun(["model", "verify", folder])
        #expect(verify.status == 1 && verify.errors.contains("puts the answer first for"))
        for text in ["kind         reranker", "instruction  \"Given a web", "Split + ByteLevel"] {
            #expect(verify.output.contains(text), "\(verify.output)")
        }
        let json = try await CommandLineRun(["model", "verify", folder, "--json"])
        #expect(
            json.output.contains(#""spearman":"#) && json.output.contains(#""precision":"int8""#)
        )
    }

    @Test(
        "ends with 2 for wrong usage and 1 for what cannot be done",
        arguments: [
            (["search"], 2), (["serve", "--listen", "nonsense"], 2), (["frobnicate"], 2),
            (["search", "x", "--collection", "c", "--mode", "fuzzy"], 2),
            (["serve", "--listen", "0.0.0.0:0"], 1), (["model", "verify", "/nonexistent"], 1),
            (["search", "x", "--collection", "c", "--url", "http://127.0.0.1:1"], 1),
            (["ingest", "/nonexistent", "--collection", "c"], 1), (["--help"], 0),
            (["--version"], 0),
        ] as [([String], Int32)]
    )
    func exitCodes(arguments: [String], status: Int32) async throws {
        let run = try await CommandLineRun(arguments)
        #expect(run.status == status, "\(run.errors)")
        #expect(status == 0 || !run.errors.isEmpty)
    }

    @Test("serves by a configuration file, and checks one without serving")
    func configurationFile() async throws {
        let folder = try TemporaryDirectory()
        let models = try ModelsFolder.path()
        let path = folder.url.appendingPathComponent("ragd.toml").path
        try write(
            """
            data = '\(folder.path)/data'
            default_model = 'text-embedding-3-small'
            [[model]]
            id = 'mini'
            folder = 'all-MiniLM-L6-v2'
            aliases = ['text-embedding-3-small']
            """,
            "ragd.toml",
            in: folder
        )
        let check = try await CommandLineRun(["config", "check", path, "--models", models])
        #expect(check.status == 0, "\(check.errors)")
        #expect(check.output.contains("\(folder.path)/data (file \(path))"))
        #expect(check.output.contains("mini, text-embedding-3-small"))
        let list = try await CommandLineRun(
            ["model", "list", "--models", models],
            environment: ["RAGD_CONFIG": path]
        )
        #expect(list.output.contains("mini"))
        let daemon = try await Daemon(
            data: "\(folder.path)/data",
            environment: ["RAGD_CONFIG": path]
        )
        let embed = try await CommandLineRun(["embed", "a", "--url", daemon.url])
        #expect(embed.status == 0, "\(embed.errors)")
        try await daemon.stop()
        try write("threads = 'many'", "ragd.toml", in: folder)
        for command in [["config", "check", path], ["serve", "--config", path]] {
            let run = try await CommandLineRun(command)
            #expect(run.status == 1 && run.errors.contains("\(path):1: threads"))
        }
        let missing = try await CommandLineRun(["config", "check", folder.path + "/none.toml"])
        #expect(missing.status == 1 && missing.errors.contains("none.toml"))
    }

    @Test("says where each setting comes from and refuses one that it cannot read")
    func settingsHaveOrigins() async throws {
        let data = try TemporaryDirectory()
        let environment = ["RAGD_DATA": data.path, "RAGD_LISTEN": "127.0.0.1:1234"]
        let arguments = ["doctor", "--models", try ModelsFolder.path(), "--listen", "127.0.0.1:1"]
        let run = try await CommandLineRun(arguments, environment: environment)
        #expect(run.output.contains("\(data.path) (environment RAGD_DATA)"))
        #expect(run.output.contains("127.0.0.1:1 (flag --listen)"))
        #expect(run.output.contains("all-MiniLM-L6-v2 (default)"))
        let wrong = try await CommandLineRun(["doctor"], environment: ["RAGD_THREADS": "many"])
        #expect(wrong.status == 1)
        #expect(wrong.errors.contains("RAGD_THREADS=many"))
    }
}
