/// Why a setting cannot be used: where it was given, its value, what it may be, and what to do.
package struct SettingsError: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
