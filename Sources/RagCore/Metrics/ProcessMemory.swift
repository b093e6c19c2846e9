internal import Foundation

/// What the operating system says of this process's memory.
enum ProcessMemory {
    /// Resident bytes, from `/proc/self/status`; `nil` where there is no such file.
    static var residentByteCount: Int? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let kibibytes = line.split(whereSeparator: \.isWhitespace).compactMap({ Int($0) }).first
        else { return nil }
        return kibibytes << 10
    }
}
