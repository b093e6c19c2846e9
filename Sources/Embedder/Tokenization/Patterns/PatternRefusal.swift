/// Why an expression is not taken: what in it is unknown, or would match something else here.
struct PatternRefusal: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}
