internal import Foundation

/// Foundation's errors about files as this module's.
enum DiskError {
    /// Runs `body`; what it throws becomes `io`, or `noSpace`, naming `path`.
    static func wrap<Value>(
        _ path: String,
        _ body: () throws -> Value
    ) throws(HubError) -> Value {
        do {
            return try body()
        } catch let error as CocoaError where error.code == .fileWriteOutOfSpace {
            throw HubError(.noSpace, "the disk is full at \(path)")
        } catch {
            throw HubError(.io, "cannot read or write \(path): \(error.localizedDescription)")
        }
    }
}
