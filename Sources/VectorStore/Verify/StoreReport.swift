/// What a check of a data folder read, and what it found wrong.
public struct StoreReport: Sendable {
    /// A collection that was read.
    public struct Collection: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// How many documents it holds.
        public var documentCount: Int
        /// How many chunks it holds.
        public var chunkCount: Int
        /// Its last committed write.
        public var position: Int64
    }

    /// The collections, by name.
    public var collections: [Collection] = []
    /// One line for each thing that is wrong; none when all is well.
    public var findings: [String] = []
}
