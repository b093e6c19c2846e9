import Foundation
import ModelHub

/// Shows a pull while it runs.
protocol PullDisplay: AnyObject {
    /// Shows an event.
    func show(_ event: PullEvent)

    /// The pull is over, well or not.
    func end()
}

/// For a person at a terminal: a bar that is drawn over itself.
final class PullBar: PullDisplay {
    private static let width = 24
    /// Often enough for the eye.
    private static let interval = Duration.milliseconds(200)

    private var totals = PullTotals()
    private var rate = TransferRate()
    private var drawn: ContinuousClock.Instant?

    func show(_ event: PullEvent) {
        totals.add(event)
        switch event {
        case .resolved(let commit): Console.progress("reading the listing of \(commit)")
        case .retrying(_, let reason, let wait):
            Console.endProgress()
            Console.note("\(reason); trying again in \(wait.wholeSeconds) s")
        case .planned, .started, .finished: break
        case .received: drawIfDue()
        }
    }

    func end() { Console.endProgress() }

    private func drawIfDue() {
        let now = ContinuousClock.now
        if let drawn, now - drawn < Self.interval { return }
        drawn = now
        rate.add(totals.heldByteCount, at: now)
        guard let all = totals.byteCount, all > 0 else { return }
        let filled = Self.width * totals.heldByteCount / all
        let bar = String(repeating: "#", count: filled)
            .padding(toLength: Self.width, withPad: ".", startingAt: 0)
        var line = "[\(bar)] \(100 * totals.heldByteCount / all) % of \(ByteCount(all))"
        if let speed = rate.bytesPerSecond { line += ", \(ByteCount(Int(speed)))/s" }
        if let seconds = rate.seconds(for: all - totals.heldByteCount) {
            line += ", \(seconds / 60) min \(seconds % 60) s left"
        }
        Console.progress("\(line)  \(totals.path)")
    }
}

/// For a log: a line for each file, and for each wait.
final class PullLines: PullDisplay {
    func show(_ event: PullEvent) {
        switch event {
        case .resolved(let commit): Console.note("commit \(commit)")
        case .planned(let files, let bytes, let held):
            let there = held > 0 ? ", of which \(ByteCount(held)) are there" : ""
            Console.note("\(files) files, \(ByteCount(bytes))\(there)")
        case .started(let path, let bytes, _): Console.note("\(path), \(ByteCount(bytes))")
        case .retrying(_, let reason, let wait):
            Console.note("\(reason); trying again in \(wait.wholeSeconds) s")
        case .received, .finished: break
        }
    }

    func end() {}
}

extension Duration {
    /// Seconds, a begun one counted.
    fileprivate var wholeSeconds: Int { Int((self / .seconds(1)).rounded(.up)) }
}
