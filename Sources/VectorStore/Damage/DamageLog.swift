import Synchronization

/// What of one collection was found damaged and is not whole again.
///
/// In memory only: a start, a read or a verification finds it again.
///
/// Thread safety: all state is behind a lock, which is not held while the observer runs.
final class DamageLog: Sendable {
    /// What is damaged: a chunk or a document by its key, or a part that there is one of.
    enum Place: Hashable {
        case document(Int64)
        case chunk(ChunkKey)
        case collection
    }

    private let collection: String
    private let observer: StoreEvent.Observer
    private let places = Mutex<[StoredPart: Set<Place>]>([:])

    /// Past this many places of a part, further ones are not remembered: a disk that lies about
    /// everything must not fill the memory too.
    private static let placesMax = 1 << 20

    init(collection: String, observer: @escaping StoreEvent.Observer) {
        self.collection = collection
        self.observer = observer
    }

    /// Remembers damage, and reports it unless it is known.
    func note(_ part: StoredPart, at place: Place, _ reason: VectorStoreError) {
        let isNew = places.withLock { places in
            guard places[part]?.count ?? 0 < Self.placesMax else { return false }
            return places[part, default: []].insert(place).inserted
        }
        if isNew {
            observer(.damaged(collection: collection, part: part, reason: reason.message))
        }
    }

    /// Forgets damage that is repaired or gone, and reports that.
    func settle(_ part: StoredPart, at place: Place) {
        let wasKnown = places.withLock { $0[part]?.remove(place) != nil }
        if wasKnown { observer(.repaired(collection: collection, part: part)) }
    }

    /// Reports something that needs no remembering.
    func report(_ event: (String) -> StoreEvent) {
        observer(event(collection))
    }

    /// How many places are damaged, by part; nothing for a whole part.
    var counts: [StoredPart: Int] {
        places.withLock { $0.mapValues(\.count) }.filter { $0.value > 0 }
    }

    /// The chunks whose vectors or token codes are damaged.
    var chunks: [ChunkKey] {
        let all = places.withLock { places in
            (places[.vector] ?? []).union(places[.tokenCodes] ?? [])
        }
        return all.compactMap { place in
            guard case .chunk(let key) = place else { return nil }
            return key
        }
        .sorted()
    }

    func isDamaged(_ part: StoredPart) -> Bool {
        places.withLock { $0[part]?.isEmpty == false }
    }
}
