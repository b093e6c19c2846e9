import CFaultFiles
import Foundation

/// SQLite's files in one folder, failed on demand and recorded: the Swift side of `CFaultFiles`.
///
/// Thread safety: the C side guards all state; the folder's number never changes.
final class FaultyDisk: Sendable {
    /// What can be made to fail.
    enum Operation: Int32, CaseIterable {
        case write = 1
        case sync
        case truncate
        case open
    }

    /// How it fails.
    enum Failure: Int32, CaseIterable {
        case inputOutput = 1
        case noSpace
    }

    private let number: Int32

    /// Watches the files in `folder`.
    ///
    /// - Parameters:
    ///   - folder: must exist.
    ///   - isVolatile: whether syncs do not wait for the device: the power that is cut is simulated.
    init(_ folder: String, isVolatile: Bool = true) {
        // SAFETY: the path is a NUL-terminated copy that lives for the call, which keeps no pointer.
        number = unsafe ragd_disk_attach(folder, isVolatile ? 1 : 0)
        precondition(number > 0, "cannot watch \(folder)")
    }

    deinit {
        ragd_disk_detach(number)
    }

    /// Has the `nth` operation of a kind fail, and with `isPermanent` every one after it.
    func fail(_ operation: Operation, nth: Int, _ failure: Failure, isPermanent: Bool) {
        ragd_disk_fail(
            number,
            operation.rawValue,
            Int32(nth),
            failure.rawValue,
            isPermanent ? 1 : 0
        )
    }

    /// Lets everything succeed again.
    func heal() {
        ragd_disk_fail(number, 0, 0, 0, 0)
    }

    /// How many operations were failed since `fail`.
    var failureCount: Int { Int(ragd_disk_failures(number)) }

    /// Begins to record, from nothing.
    func record() {
        ragd_disk_record_from_now(number, 1)
    }

    /// Puts a mark into the record.
    func mark(_ value: UInt64) {
        ragd_disk_mark(number, value)
    }

    /// What was done since `record`.
    var operations: [DiskOperation] {
        var bytes = [UInt8](repeating: 0, count: ragd_disk_record_size(number))
        let count = bytes.count
        // SAFETY: the buffer holds `count` bytes for the whole call, which keeps no pointer.
        unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            unsafe ragd_disk_copy_record(number, buffer.baseAddress, count)
        }
        return DiskOperation.decode(bytes)
    }
}

/// One entry of a disk's record.
///
/// Files are numbered; one that is deleted and made again is another.
enum DiskOperation: Equatable {
    case write(file: Int, offset: Int, bytes: [UInt8])
    case truncate(file: Int, size: Int)
    case sync(file: Int)
    /// What was to become durable may be lost, and no later sync brings it back.
    case failedSync(file: Int)
    case open(file: Int, name: String)
    case create(file: Int, name: String)
    case delete(file: Int)
    case mark(UInt64)

    /// Reads the record of the C side.
    static func decode(_ bytes: [UInt8]) -> [DiskOperation] {
        func number(_ offset: Int, _ count: Int) -> UInt64 {
            (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
        }
        var operations: [DiskOperation] = []
        var place = 0
        while place < bytes.count {
            let file = Int(number(place + 4, 4))
            let offset = number(place + 8, 8)
            let count = Int(number(place + 16, 8))
            let content = bytes[place + 24..<place + 24 + count]
            let name = { String(decoding: content, as: UTF8.self) }
            switch Int(number(place, 4)) {
            case RAGD_DISK_WRITE:
                operations.append(
                    .write(file: file, offset: Int(offset), bytes: Array(content))
                )
            case RAGD_DISK_TRUNCATE: operations.append(.truncate(file: file, size: Int(offset)))
            case RAGD_DISK_SYNC: operations.append(.sync(file: file))
            case RAGD_DISK_SYNC_FAILED: operations.append(.failedSync(file: file))
            case RAGD_DISK_OPEN: operations.append(.open(file: file, name: name()))
            case RAGD_DISK_CREATE: operations.append(.create(file: file, name: name()))
            case RAGD_DISK_DELETE: operations.append(.delete(file: file))
            case RAGD_DISK_MARK: operations.append(.mark(offset))
            default: preconditionFailure("the record is damaged at byte \(place)")
            }
            place += 24 + (count + 7) / 8 * 8
        }
        return operations
    }
}
