internal import ImageStore
public import IngotModel

/// An image in a registry: which registry, which repository, and which of its images.
///
/// A name without a host is one of Docker Hub, as everywhere: `debian` is `docker.io/library/debian:latest`.
///
/// Source: `github.com/distribution/reference`; OCI Distribution Specification 1.1, "Pulling manifests".
public struct ImageReference: Hashable, Sendable, CustomStringConvertible {
    /// As people write it, in small letters, with its port: `docker.io`, `registry.example.com:5000`.
    public let host: String
    /// `library/debian`
    public let repository: String
    /// `nil` when there is a digest alone.
    public let tag: String?
    public let digest: Digest?

    /// Names of this host are of this machine's store and of no registry.
    public static let localHost = "ingot.local"

    /// - Throws: `RegistryError` `reference-invalid`.
    public init(_ text: String) throws(RegistryError) {
        guard let name = ImageName(text) else { throw Self.invalid(text, "it has another form") }
        let host = name.host?.lowercased() ?? Self.hub
        guard host != Self.localHost else { throw Self.invalid(text, "images of \(host) are in this machine's store and in no registry") }
        let isHub = [Self.hub, "index.docker.io", "registry-1.docker.io"].contains(host)
        let digest = name.digest.map { Digest($0) }
        if digest == .some(nil) { throw Self.invalid(text, "only digests of sha256 are known") }
        self.host = isHub ? Self.hub : host
        repository = isHub && !name.path.contains("/") ? "library/\(name.path)" : name.path
        tag = name.tag ?? (digest == nil ? "latest" : nil)
        self.digest = digest ?? nil
        // A repository may be this long. Source: the same, "Pulling manifests".
        guard repository.utf8.count <= ImageName.longest else { throw Self.invalid(text, "it is too long") }
    }

    private init(host: String, repository: String, tag: String?, digest: Digest?) {
        (self.host, self.repository, self.tag, self.digest) = (host, repository, tag, digest)
    }

    static let hub = "docker.io"

    private static func invalid(_ text: String, _ why: String) -> RegistryError {
        RegistryError(
            .referenceInvalid, "'\(printable(text, most: 100))' names no image of a registry: \(why)",
            remedy: "write it as registry.example.com/team/app:1.2, or with @sha256:… instead of the tag", fault: .user)
    }

    /// The image of the same repository that has this tag.
    public func with(tag: String) -> ImageReference { ImageReference(host: host, repository: repository, tag: tag, digest: nil) }

    /// `docker.io/library/debian`
    public var name: String { "\(host)/\(repository)" }

    /// In full, which is its name in the store.
    public var description: String { name + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "") }

    /// What stands for it in an address: the digest decides where there are both.
    var manifest: String { digest.map { "\($0)" } ?? tag ?? "latest" }
}
