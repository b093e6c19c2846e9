internal import Foundation

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// The right to pull one model: an advisory lock on a file, given back by the operating system
/// however the process ends.
///
/// The file stays behind, empty: whoever removed it could remove the one that another has locked.
struct PullLock {
    private let handle: FileHandle

    /// Takes the lock.
    ///
    /// - Parameters:
    ///   - path: the lock's file; its folder exists.
    ///   - name: the model, for the message.
    /// - Throws: `conflict` when another pull has it, or `io`.
    init(path: String, name: String) throws(HubError) {
        if !FileManager.default.fileExists(atPath: path) {
            try DiskError.wrap(path) { try Data().write(to: URL(fileURLWithPath: path)) }
        }
        handle = try DiskError.wrap(path) {
            try FileHandle(forUpdating: URL(fileURLWithPath: path))
        }
        guard flock(handle.fileDescriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw HubError(
                .conflict,
                "another ragd is pulling \(name); wait for it, or end it, and pull again"
            )
        }
    }

    /// Gives the right back.
    func release() {
        try? handle.close()
    }
}
