import Foundation
import GRDB

/// Column access that throws where the file holds something else than the schema says.
///
/// GRDB's own subscripts trap on such a value, and a damaged page must not stop the daemon.
extension Row {
    func integer(_ index: Int, _ column: String) throws(VectorStoreError) -> Int64 {
        let value: DatabaseValue = self[index]
        guard case .int64(let integer) = value.storage else { throw wrongKind(column, "integer") }
        return integer
    }

    /// A non-negative integer.
    func count(_ index: Int, _ column: String) throws(VectorStoreError) -> Int {
        let integer = try integer(index, column)
        guard let count = Int(exactly: integer), count >= 0 else {
            throw .corrupted("\(column) is \(integer)")
        }
        return count
    }

    func text(_ index: Int, _ column: String) throws(VectorStoreError) -> String {
        let value: DatabaseValue = self[index]
        guard case .string(let text) = value.storage else { throw wrongKind(column, "text") }
        return text
    }

    func optionalText(_ index: Int, _ column: String) throws(VectorStoreError) -> String? {
        let value: DatabaseValue = self[index]
        return value.isNull ? nil : try text(index, column)
    }

    func blob(_ index: Int, _ column: String) throws(VectorStoreError) -> Data {
        let value: DatabaseValue = self[index]
        guard case .blob(let data) = value.storage else { throw wrongKind(column, "blob") }
        return data
    }

    func date(_ index: Int, _ column: String) throws(VectorStoreError) -> Date {
        Date(timeIntervalSince1970: Double(try integer(index, column)) / 1_000)
    }

    private func wrongKind(_ column: String, _ wanted: String) -> VectorStoreError {
        .corrupted("\(column) does not hold the \(wanted) that it should: the database is damaged")
    }
}
