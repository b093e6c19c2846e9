/// A place in the graph's tables.
///
/// Slots are handed out from 0 up, and again after a sweep; at most 2^31 of them, which
/// leaves `Candidate` a bit.
package typealias Slot = UInt32

/// A slot and its distance in one word that sorts by distance, then by slot.
///
/// The upper half is the distance with its bits rearranged so that unsigned comparison orders
/// floats; the lower half is the slot and, in bit 0, whether a beam search has expanded it. One
/// integer comparison orders two candidates, ties included, so results do not depend on the order
/// of arrival.
struct Candidate: Comparable, Sendable {
    private(set) var bits: UInt64

    /// Makes a candidate that is not expanded.
    ///
    /// A NaN distance (only overflowing vectors make one) counts as infinitely far.
    @inline(__always)
    init(distance: Float, slot: Slot) {
        let pattern = (distance == distance ? distance : .infinity).bitPattern
        // Negative floats order backwards: flip all their bits; of the others, the sign only.
        let sign = UInt32(bitPattern: Int32(bitPattern: pattern) >> 31)
        let ordered = pattern ^ (sign | 0x8000_0000)
        bits = UInt64(ordered) << 32 | UInt64(slot) << 1
    }

    /// Where the vector is.
    @inline(__always)
    var slot: Slot { Slot(truncatingIfNeeded: bits) >> 1 }

    /// How far it is.
    var distance: Float {
        let ordered = UInt32(truncatingIfNeeded: bits >> 32)
        let sign = UInt32(bitPattern: Int32(bitPattern: ~ordered) >> 31)
        return Float(bitPattern: ordered ^ (sign | 0x8000_0000))
    }

    /// Whether its links have been followed.
    @inline(__always)
    var isExpanded: Bool {
        get { bits & 1 == 1 }
        set { bits = newValue ? bits | 1 : bits & ~1 }
    }

    @inline(__always)
    static func < (left: Candidate, right: Candidate) -> Bool { left.bits < right.bits }
}
