#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Looks for bytes in bytes: for the one of them that is rarest, with the C library's fastest loop, and
/// then for the others around it.
struct ByteSearch {
    private let part: [UInt8]
    /// Where in `part` the byte is that is looked for first.
    private let pivot: Int

    /// A search for `part`, which is not empty, in bytes like those of `sample`, if it is long enough to
    /// be worth a look.
    init(_ part: [UInt8], like sample: [UInt8] = []) {
        precondition(!part.isEmpty, "nothing is everywhere")
        self.part = part
        guard sample.count > 1_024 else {
            pivot = 0
            return
        }
        var frequencies = [Int](repeating: 0, count: 256)
        for byte in sample.prefix(4_096) { frequencies[Int(byte)] += 1 }
        pivot = part.indices.min { frequencies[Int(part[$0])] < frequencies[Int(part[$1])] } ?? 0
    }

    /// Where `part` first begins in `whole`, at `place` or behind it.
    func first(in whole: [UInt8], from place: Int = 0) -> Int? {
        let end = whole.count - (part.count - 1 - pivot)
        var next = place + pivot
        while next < end {
            // SAFETY: the array stays as it is for the whole call, which reads `end - next` bytes from
            // `next` on, all inside it, and keeps no pointer.
            let found = unsafe whole.withUnsafeBytes { whole -> Int? in
                guard let base = whole.baseAddress else { return nil }
                return unsafe memchr(base + next, Int32(part[pivot]), end - next).map {
                    unsafe UnsafeRawPointer($0) - base
                }
            }
            guard let found else { return nil }
            let start = found - pivot
            if whole[start..<start + part.count].elementsEqual(part) { return start }
            next = found + 1
        }
        return nil
    }
}
