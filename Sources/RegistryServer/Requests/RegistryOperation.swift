internal import ImageStore
internal import IngotModel

/// What a request asks for. Source: OCI Distribution Specification 1.1, "Endpoints".
enum RegistryOperation: Hashable, Sendable {
    /// Whether this is a registry, and whether one may come in.
    case support
    /// A token for the one who asks, for the service that he names.
    case token(service: String?)
    case catalog(Page)
    case tags(RepositoryName, Page)
    case referrers(RepositoryName, Digest, artifactTypes: [String], Page)
    case readBlob(RepositoryName, Digest)
    case deleteBlob(RepositoryName, Digest)
    case beginUpload(RepositoryName, UploadBeginning)
    case upload(RepositoryName, UploadID, UploadStep)
    case readManifest(RepositoryName, ManifestReference)
    case putManifest(RepositoryName, ManifestReference)
    case deleteManifest(RepositoryName, ManifestReference)

    /// How a blob begins to come.
    enum UploadBeginning: Hashable, Sendable {
        case session
        /// With this request, whole.
        case whole(Digest)
        /// From another repository, where one is named.
        case mount(Digest, from: RepositoryName?)
    }

    enum UploadStep: Hashable, Sendable { case status, append, cancel, finish(Digest) }

    /// What one must be allowed to.
    var need: AccessNeed {
        switch self {
        case .support, .catalog: .presence
        case .token: .nothing
        case .tags(let name, _), .referrers(let name, _, _, _), .readBlob(let name, _), .readManifest(let name, _): .pull(name)
        case .beginUpload(let name, _), .upload(let name, _, _), .putManifest(let name, _): .push(name)
        case .deleteBlob(let name, _), .deleteManifest(let name, _): .push(name)
        }
    }
}
