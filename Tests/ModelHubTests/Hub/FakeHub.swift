import Crypto
import Foundation
import Synchronization

/// A hub with one repository, and a second server that its large files are on, as the public hub has
/// them: small files behind a relative redirect, large ones behind an absolute one.
///
/// Thread safety: immutable but for the servers, which are safe.
final class FakeHub: Sendable {
    static let repository = "owner/tiny-model"
    static let commit = String(repeating: "c0ffee12", count: 5)
    static let token = "hf_secret"

    let hub: LocalServer
    let store: LocalServer

    /// The files of a small model, and of all that a pull must leave alone.
    static let files: [String: [UInt8]] = [
        "config.json": Array(#"{"hidden_size": 8}"#.utf8),
        "tokenizer.json": Array(#"{"model": {}}"#.utf8),
        "tokenizer_config.json": Array("{}".utf8),
        "modules.json": Array(
            #"[{"path": ""}, {"path": "1_Pooling"}, {"path": "2_Normalize"}]"#.utf8
        ),
        "1_Pooling/config.json": Array(#"{"pooling_mode": "mean"}"#.utf8),
        "model.safetensors": (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) },
        "pytorch_model.bin": Array("pickle".utf8),
        "modeling_custom.py": Array("import os".utf8),
        "onnx/model.onnx": Array("onnx".utf8),
        "README.md": Array("# Tiny".utf8),
    ]

    /// Starts both servers.
    static func start(_ script: HubScript) async throws -> FakeHub {
        let files = script.files
        let store = try await LocalServer.start(
            counting(script.onStore) { request in
                content(files[String(request.path.dropFirst())], request, etag: "\"store-1\"")
            }
        )
        let routes = HubRoutes(script: script, storeURL: store.url)
        let hub = try await LocalServer.start(counting(script.onHub, routes.answer))
        return FakeHub(hub: hub, store: store)
    }

    private init(hub: LocalServer, store: LocalServer) {
        self.hub = hub
        self.store = store
    }

    func stop() async {
        await hub.stop()
        await store.stop()
    }

    private static func counting(
        _ intercept: @escaping HubScript.Intercept,
        _ answer: @escaping @Sendable (SeenRequest) -> Reply
    ) -> @Sendable (SeenRequest) -> Reply {
        let counts = Mutex<[String: Int]>.Box([:])
        return { request in
            let earlier = counts.mutex.withLock { counts in
                defer { counts[request.path, default: 0] += 1 }
                return counts[request.path, default: 0]
            }
            return intercept(request, earlier) ?? answer(request)
        }
    }

    /// A file or the part of it that was asked for.
    static func content(_ bytes: [UInt8]?, _ request: SeenRequest, etag: String) -> Reply {
        guard let bytes else { return Reply(status: 404) }
        let headers = [("etag", etag)]
        let range = request.header("range")?
            .wholeMatch(of: /bytes=(\d+)-/).flatMap { Int($0.1) }
        let condition = request.header("if-range")
        guard let range, condition == nil || condition == etag else {
            return Reply(headers: headers, body: bytes)
        }
        guard range < bytes.count else { return Reply(status: 416) }
        return Reply(
            status: 206,
            headers: headers + [
                ("content-range", "bytes \(range)-\(bytes.count - 1)/\(bytes.count)")
            ],
            body: Array(bytes[range...])
        )
    }

    static func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
    }

    static func gitBlob(_ bytes: [UInt8]) -> String {
        Insecure.SHA1.hash(data: Array("blob \(bytes.count)\0".utf8) + bytes)
            .map { String(format: "%02x", $0) }.joined()
    }

    static func isLarge(_ path: String) -> Bool {
        path.hasSuffix(".safetensors") || path.hasSuffix(".bin")
    }
}
