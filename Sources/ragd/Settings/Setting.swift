import Foundation

/// A setting's value and where it came from.
struct Setting<Value: Sendable>: Sendable {
    /// Where a value came from, from the weakest to the strongest.
    enum Origin: Sendable, CustomStringConvertible {
        /// Nobody said anything.
        case standard
        /// An environment variable of this name.
        case environment(String)
        /// A flag of this name.
        case flag(String)

        var description: String {
            switch self {
            case .standard: "default"
            case .environment(let name): "environment \(name)"
            case .flag(let name): "flag \(name)"
            }
        }
    }

    let name: String
    let value: Value
    let origin: Origin
}

extension Setting {
    /// Decides between a flag, an environment variable and a default.
    ///
    /// - Parameters:
    ///   - name: the flag, with its dashes.
    ///   - variable: the environment variable.
    ///   - flag: what was given by flag.
    ///   - standard: what holds when nothing was given.
    ///   - parse: reads the variable's text; nil is refused.
    /// - Returns: the value with its origin.
    /// - Throws: `CommandFailure` when the variable's text cannot be read.
    static func resolve(
        _ name: String,
        variable: String,
        flag: Value?,
        standard: Value,
        parse: (String) -> Value?
    ) throws -> Setting {
        if let flag { return Setting(name: name, value: flag, origin: .flag(name)) }
        guard let text = ProcessInfo.processInfo.environment[variable] else {
            return Setting(name: name, value: standard, origin: .standard)
        }
        guard !text.isEmpty, let value = parse(text) else {
            throw CommandFailure("\(variable)=\(text) is not a value for \(name)")
        }
        return Setting(name: name, value: value, origin: .environment(variable))
    }
}
