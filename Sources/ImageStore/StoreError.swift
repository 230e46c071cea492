public import IngotModel
internal import SystemPackage

/// What the image store says when it cannot do what it was asked.
public struct StoreError: ExplainedError {
    public enum Reason: String, Sendable, CaseIterable {
        case blobMissing = "blob-missing"
        case blobChanged = "blob-changed"
        case blobUnexpected = "blob-unexpected"
        case layerMissing = "layer-missing"
        case layerChanged = "layer-changed"
        case tooLarge = "too-large"
        case diskFull = "disk-full"
        case rootNotOwned = "root-not-owned"
        case rootUnsuitable = "root-unsuitable"
        case erofsMissing = "erofs-missing"
        case mountFailed = "mount-failed"
        case unsafePath = "unsafe-path"
        case archiveInvalid = "archive-invalid"
        case sourceChanged = "source-changed"
        case imageInvalid = "image-invalid"
        case nameInvalid = "name-invalid"
        case tagLatest = "tag-latest"
        case tagVersion = "tag-version"
        case tagEnvironment = "tag-environment"
        case tooManySigned = "too-many-signed"
        case ambiguous = "ambiguous"
        case busy = "busy"
        case folderInUse = "folder-in-use"
        case systemCallFailed = "system-call-failed"
    }

    public let reason: Reason
    public let message: String
    public let remedy: String?
    public let fault: Fault
    public let cause: (any Error)?

    public var code: String { "store.\(reason.rawValue)" }

    init(_ reason: Reason, _ message: String, remedy: String? = nil, fault: Fault = .world, cause: (any Error)? = nil) {
        self.reason = reason
        self.message = message
        self.remedy = remedy
        self.fault = fault
        self.cause = cause
    }
}

extension StoreError {
    static func blobMissing(_ digest: Digest) -> StoreError {
        StoreError(
            .blobMissing, "\(digest) is not in the store",
            remedy: "build or import the image again, or look at 'ingot image list' for what is there", fault: .user)
    }

    static func blobChanged(_ digest: Digest, at path: FilePath) -> StoreError {
        StoreError(
            .blobChanged, "the content of \(path) is no longer \(digest): the file was changed on disk",
            remedy: "remove the file, then build or import the image again; check the disk, and who may write to it")
    }

    static func blobUnexpected(_ descriptor: Descriptor, _ why: String) -> StoreError {
        StoreError(
            .blobUnexpected, "what came for \(descriptor.digest) (\(descriptor.size) bytes) is something else: \(why)",
            remedy: "try again; if it stays so, the place it came from is damaged or lies")
    }

    static func incompleteIndex(_ index: Digest, _ missing: Descriptor) -> StoreError {
        let platform = missing.platform.map { " for \($0)" } ?? ""
        return StoreError(
            .imageInvalid, "the index \(index.short) has an image\(platform) that is not in the store: \(missing.digest.short)",
            remedy: "pull that one too (ingot image pull --platform), or name one of its images by its digest", fault: .user)
    }

    static func layerMissing(_ diffID: Digest) -> StoreError {
        StoreError(
            .layerMissing, "the layer \(diffID) is not in the store",
            remedy: "build or import the image again", fault: .user)
    }

    static func unsafePath(_ path: String, _ why: String) -> StoreError {
        StoreError(.unsafePath, "'\(path)' cannot be in an image: \(why)", fault: .user)
    }

    static func archive(_ why: String, cause: (any Error)? = nil) -> StoreError {
        StoreError(.archiveInvalid, "the archive cannot be used: \(why)", remedy: "look where the archive comes from", fault: .user, cause: cause)
    }

    static func tooLarge(_ what: String, limit: String) -> StoreError {
        StoreError(.tooLarge, "\(what) is larger than the limit of \(limit)", remedy: "make it smaller, or raise that limit", fault: .user)
    }

    static func tooManyLayers(_ count: Int) -> StoreError {
        StoreError(
            .tooLarge, "the image has \(count) layers; Linux lays \(ImageStore.layerLimit) over each other and the mount points",
            remedy: "build it with fewer: join RUN and COPY instructions, or copy what they made into a new stage", fault: .user)
    }

    static func tooManySigned(_ image: Digest, limit: String) -> StoreError {
        StoreError(
            .tooManySigned, "more than \(limit) would be signed about \(image.short), and nothing that is signed about it would count any more",
            remedy: "look with 'ingot verify' whether what is there suffices; an image that is built anew begins without", fault: .user)
    }

    static func imageInvalid(_ why: String, cause: (any Error)? = nil) -> StoreError {
        StoreError(.imageInvalid, "the image cannot be used: \(why)", remedy: "build or export it again", fault: .user, cause: cause)
    }

    /// The error of a system call, with the two that a person can do something about told in full.
    static func system(_ call: String, _ path: FilePath, _ errno: Errno) -> StoreError {
        if errno == .noSpace || errno == .diskQuotaExceeded { return .diskFull(path, errno) }
        return StoreError(.systemCallFailed, "\(call) failed on \(path)", fault: .world, cause: errno)
    }

    private static func diskFull(_ path: FilePath, _ errno: Errno) -> StoreError {
        StoreError(
            .diskFull, "the disk of \(path.removingLastComponent()) is full",
            remedy:
                "free space there ('ingot image prune' removes what no release needs), or move the root with --root; nothing was left half written",
            cause: errno)
    }
}

extension Errno {
    static var last: Errno { Errno(rawValue: currentErrno()) }
}
