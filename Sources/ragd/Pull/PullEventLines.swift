import ModelHub

/// For a program: one JSON object a line, progress at most once a second.
final class PullEventLines: PullDisplay {
    private static let interval = Duration.seconds(1)

    private var totals = PullTotals()
    private var shown: ContinuousClock.Instant?

    /// One line; what an event does not have is left out.
    private struct Line: Encodable {
        let event: String
        var commit: String?
        var path: String?
        var files: Int?
        var bytes: Int?
        var held: Int?
        var reason: String?
        var seconds: Double?
    }

    func show(_ event: PullEvent) {
        totals.add(event)
        switch event {
        case .resolved(let commit): write(Line(event: "resolved", commit: commit))
        case .planned(let files, let bytes, let held):
            write(Line(event: "planned", files: files, bytes: bytes, held: held))
        case .started(let path, let bytes, let held):
            write(Line(event: "started", path: path, bytes: bytes, held: held))
        case .received:
            let now = ContinuousClock.now
            if let shown, now - shown < Self.interval { return }
            shown = now
            write(
                Line(
                    event: "progress",
                    path: totals.path,
                    bytes: totals.byteCount,
                    held: totals.heldByteCount
                )
            )
        case .retrying(let path, let reason, let wait):
            write(
                Line(event: "retrying", path: path, reason: reason, seconds: wait / .seconds(1))
            )
        case .finished(let path): write(Line(event: "finished", path: path))
        }
    }

    func end() {}

    private func write(_ line: Line) {
        // Never fails: every field is a number or a string.
        try? Console.json(line)
    }
}
