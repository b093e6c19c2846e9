import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Exclusive use of a data directory, held by an advisory lock on `ragd.lock` and given back by the
/// operating system however the process ends.
///
/// Thread safety: immutable after `init`.
final class DirectoryLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock.
    ///
    /// - Throws: `conflict` naming the process that holds it, or `io`.
    init(directory: String) throws(VectorStoreError) {
        let path = directory + "/ragd.lock"
        // SAFETY: the path is a NUL-terminated copy that lives for the call; open keeps no pointer.
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw VectorStoreError(.io, "cannot open \(path): error \(errno)")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            close(descriptor)
            guard reason == EWOULDBLOCK else {
                throw VectorStoreError(.io, "cannot lock \(path): error \(reason)")
            }
            let owner = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            throw VectorStoreError(
                .conflict,
                "\(directory) is in use by process \(owner.isEmpty ? "unknown" : owner); "
                    + "one data directory serves one daemon"
            )
        }
        record(ProcessInfo.processInfo.processIdentifier)
    }

    deinit {
        // Closing alone would leave it with a process that is just being started by another thread, which
        // has a copy of the descriptor until it runs its own program.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Writes the process number into the file, for the message of the one that is refused.
    private func record(_ process: Int32) {
        let bytes = Array("\(process)".utf8)
        guard ftruncate(descriptor, 0) == 0 else { return }
        // SAFETY: the buffer is valid for `bytes.count` bytes during the call.
        _ = unsafe bytes.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }
}
