/// What a pull tells while it runs.
public enum PullEvent: Sendable {
    /// The revision stands for this commit.
    case resolved(commit: String)
    /// These files are fetched; of `byteCount` bytes an earlier run left `heldByteCount`.
    case planned(fileCount: Int, byteCount: Int, heldByteCount: Int)
    /// A file has its turn; `held` bytes of it are there already.
    case started(path: String, byteCount: Int, held: Int)
    /// So many bytes of the file are there now; fewer than before when it starts over.
    case received(path: String, byteCount: Int)
    /// A request failed and is made again after a wait; no path when it was not for a file.
    case retrying(path: String?, reason: String, after: Duration)
    /// The file is whole and its hash is right.
    case finished(path: String)
}
