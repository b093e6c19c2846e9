import Testing

/// Who may import a module: the layers of docs/ARCHITECTURE.md, and one home for each dependency.
private let importersByModule: [String: Set<String>] = [
    "ArgumentParser": ["ragd"],
    "AsyncHTTPClient": ["ModelHub", "RagHTTP", "RemoteEngine"],
    "Atomics": ["VectorStore"],
    "CKernels": ["Kernels"],
    "CLZ4": ["VectorStore"],
    "COpenBLAS": ["Embedder"],
    "CPCRE2": ["Embedder"],
    "CPlatform": ["ModelHub", "RagCore", "ragd"],
    "CSnowball": ["VectorStore"],
    "Crypto": ["ModelHub", "RagCore", "ragd"],
    "Embedder": ["RagCore", "RagSettings", "ragd"],
    "GRDB": ["VectorStore"],
    "HTTPRetry": ["ModelHub", "RemoteEngine"],
    "Hummingbird": ["RagHTTP"],
    "Kernels": ["Embedder", "RagCore", "VectorStore", "ragd"],
    "ModelHub": ["ragd"],
    "StrictJSON": ["Embedder", "ModelHub", "RagHTTP", "RemoteEngine"],
    "RagCore": ["RagHTTP", "RagSettings", "RemoteEngine", "ragd"],
    "RagHTTP": ["RagSettings", "ragd"],
    "RagSettings": ["ragd"],
    "RemoteEngine": ["ragd"],
    "TOMLKit": ["RagSettings"],
    "VectorStore": ["RagCore", "RagHTTP", "ragd"],
]

@Suite("Import directions")
struct ImportDirectionTests {
    @Test("each target imports only what lies below it")
    func importsPointDownwards() throws {
        let pattern = /^(?:\w+\s+)*?import\s+(?:(?:class|enum|func|struct|typealias|var)\s+)?(\w+)/
        var violations: [String] = []
        for file in try Repository.sources() {
            let target = String(file.path.split(separator: "/")[1])
            for (index, line) in file.codeLines.enumerated() {
                guard line.contains("import"),
                    let module = line.firstMatch(of: pattern).map({ String($0.1) }),
                    let importers = importersByModule[module], !importers.contains(target)
                else { continue }
                let allowed = importers.sorted().joined(separator: ", ")
                violations.append("\(file.location(index)): \(module) belongs to \(allowed)")
            }
        }
        #expect(
            violations.isEmpty,
            """
            Move the code to a target that may import the module, or pass in what it needs:
            \(violations.joined(separator: "\n"))
            """
        )
    }
}
