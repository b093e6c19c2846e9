public import Embedder

/// The precisions in which models are loaded: one for all, and others for some by name.
public struct ModelPrecisions: Sendable, Hashable, CustomStringConvertible {
    /// For models that are not named.
    public var standard: PrecisionSetting

    /// By model.
    public var byModel: [String: PrecisionSetting]

    /// Makes the precisions of all models.
    public init(standard: PrecisionSetting = .auto, byModel: [String: PrecisionSetting] = [:]) {
        self.standard = standard
        self.byModel = byModel
    }

    /// Reads a list such as "auto,bge-base=f32": a precision for all, and NAME=PRECISION for some.
    ///
    /// - Returns: nil when a precision is none of `PrecisionSetting.names`, or one is given twice.
    public init?(_ text: String) {
        self.init()
        var hasStandard = false
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let setting = parts.last.flatMap({ PrecisionSetting(String($0)) }) else {
                return nil
            }
            if parts.count == 1 {
                guard !hasStandard else { return nil }
                hasStandard = true
                standard = setting
            } else {
                let name = String(parts[0])
                guard !name.isEmpty, byModel.updateValue(setting, forKey: name) == nil else {
                    return nil
                }
            }
        }
    }

    /// What `init` reads.
    public var description: String {
        let named = byModel.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return (["\(standard)"] + named).joined(separator: ",")
    }

    /// The setting for a model: what is said of it by name, then what its entry says, then that for
    /// all.
    public func setting(for name: String, entry: PrecisionSetting? = nil) -> PrecisionSetting {
        byModel[name] ?? entry ?? standard
    }
}
