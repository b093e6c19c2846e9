/// A setting's value and where it came from.
package struct Setting<Value: Sendable>: Sendable {
    /// Where a value came from, from the weakest to the strongest.
    package enum Origin: Sendable, Hashable, CustomStringConvertible {
        /// Nobody said anything.
        case standard
        /// The configuration file of this path.
        case file(String)
        /// An environment variable of this name.
        case environment(String)
        /// A flag of this name.
        case flag(String)

        package var description: String {
            switch self {
            case .standard: "default"
            case .file(let path): "file \(path)"
            case .environment(let name): "environment \(name)"
            case .flag(let name): "flag \(name)"
            }
        }
    }

    package let value: Value
    package let origin: Origin

    package init(value: Value, origin: Origin) {
        self.value = value
        self.origin = origin
    }
}

extension Setting {
    /// Decides between a flag, an environment variable, a configuration file and a default.
    ///
    /// - Parameters:
    ///   - name: the flag, with its dashes.
    ///   - flag: what was given by flag.
    ///   - variable: the environment variable.
    ///   - environment: every variable.
    ///   - file: what the configuration file of a path says.
    ///   - standard: what holds when nothing was given.
    ///   - parse: reads the variable's text; nil is refused.
    /// - Returns: the value with its origin.
    /// - Throws: `SettingsError` when the variable's text cannot be read.
    package static func resolve(
        _ name: String,
        flag: Value?,
        variable: String,
        environment: [String: String],
        file: (path: String, value: Value?)? = nil,
        standard: Value,
        parse: (String) -> Value?
    ) throws(SettingsError) -> Setting {
        if let flag { return Setting(value: flag, origin: .flag(name)) }
        if let text = environment[variable] {
            guard !text.isEmpty, let value = parse(text) else {
                throw SettingsError("\(variable)=\(text) is not a value for \(name)")
            }
            return Setting(value: value, origin: .environment(variable))
        }
        if let file, let value = file.value {
            return Setting(value: value, origin: .file(file.path))
        }
        return Setting(value: standard, origin: .standard)
    }
}
