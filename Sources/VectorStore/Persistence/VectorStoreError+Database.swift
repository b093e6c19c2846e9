import GRDB

extension VectorStoreError {
    /// Gives an error of SQLite the code and the message of this module's.
    ///
    /// Statements are fixed and their arguments checked, so an SQL error, a broken constraint or a
    /// value of the wrong type can only come from a damaged file.
    init(database error: any Error, while activity: String) {
        if let error = error as? VectorStoreError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.io, "\(activity) failed", cause: error)
            return
        }
        let what = "\(activity): \(error.message ?? error.resultCode.description)"
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT, .SQLITE_ERROR, .SQLITE_CONSTRAINT,
            .SQLITE_MISMATCH, .SQLITE_SCHEMA, .SQLITE_RANGE, .SQLITE_INTERNAL:
            self.init(
                .corrupted,
                "\(what); the database is damaged: restore a backup",
                cause: error
            )
        case .SQLITE_FULL:
            self.init(.io, "\(what); free some disk space and try again", cause: error)
        case .SQLITE_TOOBIG:
            self.init(.limitExceeded, what, cause: error)
        case .SQLITE_MISUSE:
            self.init(.closed, what, cause: error)
        default:
            self.init(.io, what, cause: error)
        }
    }

    /// Stored data that contradicts itself.
    static func corrupted(_ what: String) -> VectorStoreError {
        VectorStoreError(.corrupted, what)
    }
}
