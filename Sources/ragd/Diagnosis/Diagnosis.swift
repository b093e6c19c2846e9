/// What `ragd doctor` found, in the order of the checks.
struct Diagnosis {
    /// One line.
    struct Finding: Encodable, CustomStringConvertible {
        /// Whether it would keep the daemon from serving.
        enum Status: String, Encodable {
            case note
            case ok
            case warning
            case failed
        }

        let status: Status
        let subject: String
        let text: String

        var description: String {
            let mark =
                switch status {
                case .note: "       "
                case .ok: "ok     "
                case .warning: "warning"
                case .failed: "FAILED "
                }
            return "\(mark) \(subject): \(text)"
        }
    }

    private(set) var findings: [Finding] = []

    var hasFailed: Bool { findings.contains { $0.status == .failed } }

    mutating func note(_ subject: String, _ text: String) {
        findings.append(Finding(status: .note, subject: subject, text: text))
    }

    mutating func ok(_ subject: String, _ text: String) {
        findings.append(Finding(status: .ok, subject: subject, text: text))
    }

    mutating func warn(_ subject: String, _ text: String) {
        findings.append(Finding(status: .warning, subject: subject, text: text))
    }

    mutating func fail(_ subject: String, _ text: String) {
        findings.append(Finding(status: .failed, subject: subject, text: text))
    }
}
