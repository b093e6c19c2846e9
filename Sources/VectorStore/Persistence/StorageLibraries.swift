import CLZ4
import GRDB

/// The system libraries that the store keeps its data with, for diagnosis.
public enum StorageLibraries {
    /// The version of LZ4, such as "1.9.4".
    public static var lz4: String {
        let number = Int(LZ4_versionNumber())
        return "\(number / 10_000).\(number / 100 % 100).\(number % 100)"
    }

    /// The version of SQLite, asked of an in-memory database.
    ///
    /// - Returns: the version, such as "3.40.1".
    /// - Throws: `VectorStoreError` with code `io` when the library does not work.
    public static func sqlite() throws(VectorStoreError) -> String {
        do {
            return try DatabaseQueue().write { db in
                try String.fetchOne(db, sql: "SELECT sqlite_version()") ?? ""
            }
        } catch {
            throw VectorStoreError(.io, "SQLite does not work as needed: \(error)", cause: error)
        }
    }
}
