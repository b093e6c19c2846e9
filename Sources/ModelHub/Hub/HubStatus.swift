/// What a status means for whoever pulls, and what to do about it.
enum HubStatus {
    /// Whether the same request may be answered better in a while.
    ///
    /// Refusals by another host than the hub are, too: its addresses are signed for a time, and the
    /// next request to the hub brings a new one.
    static func isTransient(_ head: AnswerHead) -> Bool {
        switch head.status {
        case 408, 425, 429, 500, 502, 503, 504: true
        case 401, 403, 404, 410: !head.isFromHub
        default: false
        }
    }

    /// The error of an answer about a file.
    static func error(_ head: AnswerHead, path: RepositoryPath) -> HubError {
        guard head.isFromHub else {
            return HubError(
                .unavailable,
                "the host that the hub sends to for \(path) answers with status \(head.status)"
            )
        }
        switch head.status {
        case 401, 403:
            return HubError(
                .accessDenied,
                "the hub refuses \(path) with status \(head.status): accept the model's licence on "
                    + "its page, and set HF_TOKEN to a token of that account"
            )
        case 404, 410:
            return HubError(.notFound, "the hub lists \(path) and does not have it")
        default: return unavailable(head)
        }
    }

    /// The error of an answer about a repository or a revision.
    ///
    /// The hub answers 401 for what does not exist, too, so that names of private ones stay secret.
    static func error(
        _ head: AnswerHead,
        reference: RepositoryReference,
        page: String,
        hasToken: Bool
    ) -> HubError {
        let repository = reference.repository
        if head.errorCode == "RevisionNotFound" {
            return HubError(
                .notFound,
                "\(repository) has no revision '\(reference.revision)'; \(page) lists its branches"
            )
        }
        if head.errorCode == "GatedRepo" || head.status == 403 {
            return HubError(
                .accessDenied,
                "\(repository) is gated: accept its licence at \(page), then "
                    + (hasToken
                        ? "pull again with a token of the account that did"
                        : "set HF_TOKEN to a token of the account that did")
            )
        }
        switch head.status {
        case 401:
            return HubError(
                .accessDenied,
                hasToken
                    ? "the hub refuses the token of HF_TOKEN for \(repository), or there is no such "
                        + "repository: check the name at \(page), and that the token may read it"
                    : "there is no \(repository), or it is private or gated: check the name at "
                        + "\(page); for one of yours set HF_TOKEN to a token that may read it"
            )
        case 404, 410:
            return HubError(
                .notFound,
                "there is no \(repository) with a revision '\(reference.revision)'; check the name "
                    + "at \(page)"
            )
        default: return unavailable(head)
        }
    }

    private static func unavailable(_ head: AnswerHead) -> HubError {
        HubError(
            .unavailable,
            "the hub answers with status \(head.status)"
                + (head.status == 429 ? ", too many requests; a token in HF_TOKEN has more" : "")
        )
    }
}
