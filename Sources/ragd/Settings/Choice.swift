import ArgumentParser

/// Reads one of the words of an enumeration from the command line.
func choice<Choice>(_ text: String) throws -> Choice
where Choice: RawRepresentable<String> & CaseIterable {
    guard let choice = Choice(rawValue: text) else {
        let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("expected one of \(words)")
    }
    return choice
}
