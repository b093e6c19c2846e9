import Foundation

/// A file mapped read-only into memory for as long as the value lives.
///
/// The length is taken once, from the open file; every access is checked against it. A file that
/// another process cuts short while it is mapped still faults, so a mapping is held only while
/// weights are copied out of it.
@safe
struct MappedFile: ~Copyable {
    private let bytes: UnsafeRawBufferPointer

    /// The file's length at the time it was opened.
    // SAFETY: the stored count; no byte is read.
    var byteCount: Int { unsafe bytes.count }

    /// Maps the file at `path`.
    ///
    /// - Throws: `EmbedderError` with code `modelNotFound` when it cannot be opened, `invalidModel`
    ///   when it is no regular file or cannot be mapped.
    init(path: String) throws(EmbedderError) {
        unsafe bytes = try Self.map(path)
    }

    deinit {
        guard let base = unsafe bytes.baseAddress else { return }
        // SAFETY: the mapping made in init, whole; no span of it can have left withBytes.
        unsafe munmap(UnsafeMutableRawPointer(mutating: base), byteCount)
    }

    /// Lends the bytes of `range`, which must lie within the file.
    func withBytes<R, E: Error>(
        in range: Range<Int>,
        _ body: (RawSpan) throws(E) -> R
    ) throws(E) -> R {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= byteCount,
            "bytes \(range) of a file of \(byteCount)"
        )
        // SAFETY: the range was checked; the mapping is initialised by the file's content and lives
        // until deinit, which cannot run during this borrow.
        return try body(
            unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: bytes[range]))
        )
    }

    /// Gives back the memory that the bytes of `range` took, until they are read again.
    ///
    /// What has been copied out of a file of weights need not stay beside the copy.
    func discard(_ range: Range<Int>) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let start = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound / page * page
        guard start < end, end <= byteCount, let base = unsafe bytes.baseAddress else { return }
        // SAFETY: whole pages within the mapping, which is read-only and backed by the file: their
        // content comes back with the next access. Failure changes nothing.
        unsafe madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, MADV_DONTNEED)
    }

    private static func map(_ path: String) throws(EmbedderError) -> UnsafeRawBufferPointer {
        // SAFETY: the path is a valid string for the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw EmbedderError(.modelNotFound, "cannot open \(path): \(reason())")
        }
        defer { close(descriptor) }
        var status = stat()
        // SAFETY: `status` is a local variable that fstat only fills in.
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw EmbedderError(.invalidModel, "\(path) is not a regular file")
        }
        let byteCount = Int(status.st_size)
        guard byteCount > 0 else {
            // An empty mapping is an error to mmap, and needs none.
            return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        }
        // SAFETY: a fresh private mapping of `byteCount` bytes at an address that the system picks;
        // it outlives the descriptor and ends in deinit.
        let address = unsafe mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else {
            throw EmbedderError(.invalidModel, "cannot map \(path): \(reason())")
        }
        return unsafe UnsafeRawBufferPointer(start: address, count: byteCount)
    }

    private static func reason() -> String {
        // SAFETY: strerror returns a valid string, which is copied here.
        unsafe String(cString: strerror(errno))
    }
}
