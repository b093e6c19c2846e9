/// The `Link` header by which a listing names its next page (RFC 8288).
package enum PageLink {
    /// The target of the link whose relation is `next`, nil when there is none.
    package static func next(in header: String) -> String? {
        for link in header.matches(of: /<([^<>]*)>([^<]*)/)
        where link.2.contains(/;\s*rel="?next"?/) {
            return String(link.1)
        }
        return nil
    }
}
