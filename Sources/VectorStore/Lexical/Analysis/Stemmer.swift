internal import CSnowball

/// A stemmer of Snowball, the string processing language of Porter (https://snowballstem.org).
///
/// Thread safety: none; whoever makes one uses it on one thread at a time.
@safe
final class Stemmer {
    private let handle: OpaquePointer

    /// The stemmer of that name in the library, or `nil` when it has none.
    init?(_ name: String) {
        // SAFETY: the library reads both strings up to their NUL and keeps neither.
        guard let handle = unsafe sb_stemmer_new(name, "UTF_8") else { return nil }
        unsafe self.handle = handle
    }

    deinit {
        // SAFETY: `handle` came from `sb_stemmer_new`, and nothing can use it any more.
        unsafe sb_stemmer_delete(handle)
    }

    /// Puts the stem of a word in its place; a word that the library refuses stays as it is.
    ///
    /// - Parameter word: UTF-8 in lower case.
    func stem(_ word: inout [UInt8]) {
        let count = Int32(word.count)
        // SAFETY: the library reads `count` initialised bytes and keeps no pointer to them; the stem
        // lies in memory of the handle until its next call, and is copied before.
        let stem = unsafe word.withUnsafeBufferPointer { bytes -> [UInt8]? in
            guard let stem = unsafe sb_stemmer_stem(handle, bytes.baseAddress, count) else {
                return nil
            }
            let length = unsafe Int(sb_stemmer_length(handle))
            return unsafe Array(UnsafeBufferPointer(start: stem, count: length))
        }
        if let stem, !stem.isEmpty { word = stem }
    }
}
