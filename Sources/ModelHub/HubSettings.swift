/// How a hub is reached.
public struct HubSettings: Sendable {
    /// The address of the hub or of its mirror: `HF_ENDPOINT`.
    public var endpoint = HubAddress.standard
    /// A secret for private and gated repositories: `HF_TOKEN`.
    public var token: String?
    /// How long a connection may bring no byte before it is given up and made anew.
    public var stallTimeout = Duration.seconds(30)
    /// What waits are measured by.
    public var clock: any Clock<Duration> = ContinuousClock()
    /// Bytes that the file system of a folder has left, nil when it does not say.
    public var freeByteCount: @Sendable (_ folder: String) -> Int? = DiskSpace.freeByteCount

    /// The public hub, without a token.
    public init() {}
}
