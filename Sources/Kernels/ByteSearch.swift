internal import CKernels

/// Looks for bytes in bytes: for two of them at their distance, many places at a time, and then for all of
/// them where both are.
public struct ByteSearch: Sendable {
    private let part: [UInt8]
    /// Where in `part` the two are that are looked for first: the rarest.
    private let probes: (first: Int, second: Int)

    /// A search for `part`, which is not empty, in bytes like those of `sample`, if it is long enough to
    /// be worth a look.
    public init(_ part: [UInt8], like sample: [UInt8] = []) {
        precondition(!part.isEmpty, "nothing is everywhere")
        self.part = part
        guard sample.count > 1_024 else {
            probes = (0, part.count - 1)
            return
        }
        var frequencies = [Int](repeating: 0, count: 256)
        for byte in sample.prefix(4_096) { frequencies[Int(byte)] += 1 }
        let places = part.indices.sorted {
            frequencies[Int(part[$0])] < frequencies[Int(part[$1])]
        }
        probes = (places[0], places[min(1, places.count - 1)])
    }

    /// Where `part` first begins in `whole`, at `place` or behind it.
    public func first(in whole: [UInt8], from place: Int = 0) -> Int? {
        guard place >= 0, place <= whole.count, part.count <= whole.count - place else {
            return nil
        }
        // SAFETY: both arrays stay as they are for the whole call, which reads `whole.count - place`
        // bytes from `place` on and `part.count` bytes, both probes inside them, and keeps no pointer.
        return unsafe whole.withUnsafeBufferPointer { whole -> Int? in
            unsafe part.withUnsafeBufferPointer { part -> Int? in
                guard let base = whole.baseAddress, let sought = part.baseAddress else {
                    return nil
                }
                let count = whole.count - place
                let found = unsafe ragd_find_bytes(
                    base + place,
                    count,
                    sought,
                    part.count,
                    probes.first,
                    probes.second
                )
                return found < count ? place + found : nil
            }
        }
    }
}
