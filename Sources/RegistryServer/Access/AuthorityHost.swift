internal import ImageStore

/// Where clients reach this registry, as far as they may be told.
enum AuthorityHost {
    /// The host of a request, if it can be one: it goes back in a header. `nil` for anything else.
    static func read(_ header: String?) -> String? {
        guard let header, header.utf8.count <= ImageName.longest, !header.isEmpty else { return nil }
        // Only what a name of an image can begin with is a host.
        return ImageName("\(header)/a")?.host ?? (RepositoryName("\(header)/a") != nil && !header.contains("/") ? header : nil)
    }
}
