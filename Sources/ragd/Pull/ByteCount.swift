import Foundation

/// A number of bytes for people: three digits and a decimal unit, as disks are sold.
struct ByteCount: CustomStringConvertible {
    let description: String

    init(_ count: Int) {
        let units = ["bytes", "kB", "MB", "GB", "TB"]
        var value = Double(count)
        var unit = 0
        while value >= 999.5, unit < units.count - 1 {
            value /= 1_000
            unit += 1
        }
        let digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
        description = String(format: "%.\(digits)f ", value) + units[unit]
    }
}
