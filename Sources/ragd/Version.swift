/// The version that `ragd --version` and `ragd doctor` print.
enum Version {
    static let current = "0.1.0"
}
