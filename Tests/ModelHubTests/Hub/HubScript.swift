/// What a test's hub holds, and where it differs from a sound one.
struct HubScript: Sendable {
    /// Looks at a request before the hub does, with the number of earlier ones to the same path.
    typealias Intercept = @Sendable (_ request: SeenRequest, _ earlierCount: Int) -> Reply?

    /// The repository.
    var files = FakeHub.files
    /// What every revision stands for.
    var commit = FakeHub.commit
    /// Entries of a page of the listing.
    var pageSize = 1_000
    /// Changes the listing.
    var edit: @Sendable (String) -> String = { $0 }
    /// Looks at requests to the hub first.
    var onHub: Intercept = { _, _ in nil }
    /// Looks at requests to the store of large files first.
    var onStore: Intercept = { _, _ in nil }
}
