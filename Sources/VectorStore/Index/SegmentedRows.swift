#if canImport(Glibc)
import Glibc
#endif

/// Rows of equal size whose addresses never change: the memory below the vectors, links and nodes.
///
/// Segment k holds `firstCount << k` rows, so that 2^31 rows need a small fixed table of segments,
/// nothing is ever moved, and a reader needs no lock to find a row. Memory that no row has touched
/// is address space only. Segments of 2 MiB and more ask for huge pages: a graph search jumps at
/// random, and would otherwise miss the TLB at nearly every vector.
///
/// Thread safety: one writer reserves; a reader may use the rows it has learnt of through an
/// acquiring load that follows the reservation (a link, the entry point, the slot count).
// Guard: the discipline above; the type only hands out addresses.
// SAFETY: the table of segments and the segments are allocated here, never moved, and freed in deinit.
@safe
struct SegmentedRows: ~Copyable, @unchecked Sendable {
    private let segments: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    private let firstShift: Int

    /// The bytes of a row.
    let rowByteCount: Int

    /// No more rows than this can exist.
    static let countMax = 1 << 31

    private static let hugePageByteCount = 2 << 20

    /// A cache line: rows that are a multiple of it never share one.
    private static let alignment = 64

    /// Makes a store without rows.
    ///
    /// The first segment is about 32 KiB, to keep small collections small.
    init(rowByteCount: Int) {
        precondition(rowByteCount > 0, "rows must have bytes")
        self.rowByteCount = rowByteCount
        var shift = 4
        while rowByteCount << shift < 32 << 10 { shift += 1 }
        firstShift = shift
        // SAFETY: the table is allocated and initialised here, and freed with its segments in deinit.
        unsafe segments = .allocate(capacity: 32)
        unsafe segments.initialize(repeating: nil, count: 32)
    }

    deinit {
        for segment in 0..<32 {
            unsafe segments[segment]?.deallocate()
        }
        unsafe segments.deallocate()
    }

    /// Makes rows 0..<count exist.
    ///
    /// The content of new rows is undefined. Writer only.
    func reserve(_ count: Int) {
        precondition(count <= Self.countMax, "\(count) rows exceed \(Self.countMax)")
        var segment = 0
        var reserved = 0
        while reserved < count {
            let segmentCount = 1 << (firstShift + segment)
            // SAFETY: 2^31 rows end in segment 31 - firstShift, inside the table of 32.
            if unsafe segments[segment] == nil {
                unsafe segments[segment] = Self.allocate(byteCount: segmentCount * rowByteCount)
            }
            reserved += segmentCount
            segment += 1
        }
    }

    /// The address of a reserved row.
    @inline(__always)
    func address(_ row: UInt32) -> UnsafeMutableRawPointer {
        let first: UInt32 = 1 << UInt32(truncatingIfNeeded: firstShift)
        // Safe: row < 2^31 and first < 2^31.
        let position = row &+ first
        // Safe: position >= 2^firstShift, so that its highest bit is at least firstShift.
        let highest = 31 &- position.leadingZeroBitCount
        // Safe: the highest bit is removed from a number that has it; products stay below the
        // segment's byte count, which was allocated.
        let offset = Int(position & ~(1 << UInt32(truncatingIfNeeded: highest))) &* rowByteCount
        // SAFETY: the caller's row is reserved, hence its segment is allocated and this long.
        return unsafe segments[highest &- firstShift].unsafelyUnwrapped + offset
    }

    private static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        guard byteCount >= hugePageByteCount else {
            return .allocate(byteCount: byteCount, alignment: alignment)
        }
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: byteCount,
            alignment: hugePageByteCount
        )
        #if canImport(Glibc)
        // A hint: where the kernel refuses it, only speed is lost.
        _ = unsafe madvise(memory, byteCount, Int32(MADV_HUGEPAGE))
        #endif
        return unsafe memory
    }
}
