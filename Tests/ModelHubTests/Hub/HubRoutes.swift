/// The routes of a hub.
struct HubRoutes: Sendable {
    let script: HubScript
    /// Where large files are.
    let storeURL: String

    private var files: [String: [UInt8]] { script.files }
    private var commit: String { script.commit }

    @Sendable func answer(_ request: SeenRequest) -> Reply {
        let api = "/api/models/\(FakeHub.repository)"
        let resolve = "/\(FakeHub.repository)/resolve/\(commit)/"
        let cache = "/api/resolve-cache/"
        let path = request.path
        if path == "\(api)/revision/main" || path == "\(api)/revision/refs%2Fpr%2F1" {
            return .json(#"{"id": "\#(FakeHub.repository)", "sha": "\#(commit)", "siblings": []}"#)
        }
        if path == "\(api)/tree/\(commit)" { return tree(request, path) }
        if path.hasPrefix(resolve) { return file(String(path.dropFirst(resolve.count)), cache) }
        if path.hasPrefix(cache) {
            let name = String(path.dropFirst(cache.count))
            let bytes = files[name]
            return FakeHub.content(bytes, request, etag: "\"\(FakeHub.gitBlob(bytes ?? []))\"")
        }
        if path.hasPrefix("\(api)/revision/") {
            return Reply(status: 404, headers: [("x-error-code", "RevisionNotFound")])
        }
        return Reply(status: 401, headers: [("x-error-code", "RepoNotFound")])
    }

    private func tree(_ request: SeenRequest, _ path: String) -> Reply {
        let start = request.uri.firstMatch(of: /cursor=(\d+)/).flatMap { Int($0.1) } ?? 0
        let names = files.keys.sorted()
        let end = min(start + script.pageSize, names.count)
        let entries = names[start..<end].map(entry).joined(separator: ",")
        // As behind a mirror: the link leads to the public hub, not to this one.
        let next = "<https://hub.invalid\(path)?recursive=true&cursor=\(end)>; rel=\"next\""
        return .json(
            script.edit(
                "[{\"type\":\"directory\",\"oid\":\"0\",\"size\":0,\"path\":\"dir\"},\(entries)]"
            ),
            headers: end < names.count ? [("link", next)] : []
        )
    }

    private func entry(_ path: String) -> String {
        let bytes = files[path] ?? []
        let large =
            #""lfs":{"oid":"\#(FakeHub.sha256(bytes))","size":\#(bytes.count),"pointerSize":134},"#
        return #"{"type":"file","oid":"\#(FakeHub.gitBlob(bytes))","size":\#(bytes.count),"#
            + (FakeHub.isLarge(path) ? large : "") + #""path":"\#(path)"}"#
    }

    private func file(_ path: String, _ cache: String) -> Reply {
        guard let bytes = files[path] else {
            return Reply(status: 404, headers: [("x-error-code", "EntryNotFound")])
        }
        let isLarge = FakeHub.isLarge(path)
        let digest = isLarge ? FakeHub.sha256(bytes) : FakeHub.gitBlob(bytes)
        return Reply(
            status: isLarge ? 302 : 307,
            headers: [
                ("location", isLarge ? "\(storeURL)/\(path)?signature=1" : cache + path),
                ("x-linked-etag", "\"\(digest)\""),
                ("x-linked-size", "\(bytes.count)"),
                ("x-repo-commit", commit),
            ]
        )
    }
}
