internal import Foundation

/// Room for a model.
enum DiskSpace {
    /// Left free for everything else, the daemon's own data first.
    private static let reserveByteCount = 256 << 20

    /// Bytes that the file system of a folder has left, nil when it does not say.
    @Sendable static func freeByteCount(_ folder: String) -> Int? {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder)
        return (attributes?[.systemFreeSize] as? NSNumber)?.intValue
    }

    /// - Throws: `noSpace` when `needed` bytes would leave less than the reserve of `free`.
    static func check(needed: Int, free: Int?, folder: String) throws(HubError) {
        guard let free, needed > free - reserveByteCount else { return }
        throw HubError(
            .noSpace,
            "the model takes \(needed) more bytes, and \(folder) has \(free) left, of which "
                + "\(reserveByteCount) are kept free; make room, or choose another folder with --models"
        )
    }
}
