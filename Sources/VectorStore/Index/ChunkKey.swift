/// The stable name of a chunk: its row in the database, which hands keys out in ascending order and
/// never gives one out twice.
///
/// Every index speaks of chunks by key; graph slots stay inside `Index`.
public typealias ChunkKey = Int64
