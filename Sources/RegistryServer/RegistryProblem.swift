internal import FoundationEssentials
internal import ImageStore
internal import IngotModel
internal import NIOHTTP1

/// What the registry says when it does not do what it was asked.
///
/// Source: OCI Distribution Specification 1.1, "Error Codes".
struct RegistryProblem: Error, Equatable {
    enum Code: String {
        case blobUnknown = "BLOB_UNKNOWN"
        case blobUploadInvalid = "BLOB_UPLOAD_INVALID"
        case blobUploadUnknown = "BLOB_UPLOAD_UNKNOWN"
        case digestInvalid = "DIGEST_INVALID"
        case manifestBlobUnknown = "MANIFEST_BLOB_UNKNOWN"
        case manifestInvalid = "MANIFEST_INVALID"
        case manifestUnknown = "MANIFEST_UNKNOWN"
        case nameInvalid = "NAME_INVALID"
        case nameUnknown = "NAME_UNKNOWN"
        case sizeInvalid = "SIZE_INVALID"
        case unauthorized = "UNAUTHORIZED"
        case denied = "DENIED"
        case unsupported = "UNSUPPORTED"
        case tooManyRequests = "TOOMANYREQUESTS"
        case unavailable = "UNAVAILABLE"
        case unknown = "UNKNOWN"
    }

    var status: HTTPResponseStatus
    var code: Code
    var message: String
    var headers: [String: String] = [:]

    init(_ status: HTTPResponseStatus, _ code: Code, _ message: String, headers: [String: String] = [:]) {
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
    }

    /// A document with one error. Source: the same.
    var body: [UInt8] {
        struct Document: Encodable {
            struct Entry: Encodable {
                var code: String
                var message: String
            }
            var errors: [Entry]
        }
        let document = Document(errors: [.init(code: code.rawValue, message: message)])
        return (try? JSONEncoder().encode(document)).map { Array($0) } ?? Array(#"{"errors":[]}"#.utf8)
    }
}

extension RegistryProblem {
    static func unknownBlob(_ digest: Digest) -> RegistryProblem {
        RegistryProblem(.notFound, .blobUnknown, "this repository has no blob \(digest)")
    }

    static func unknownManifest(_ reference: ManifestReference) -> RegistryProblem {
        RegistryProblem(.notFound, .manifestUnknown, "this repository has no manifest \(reference)")
    }

    static func unknownName(_ name: RepositoryName) -> RegistryProblem {
        RegistryProblem(.notFound, .nameUnknown, "there is no repository '\(name)'")
    }

    static var unknownUpload: RegistryProblem {
        RegistryProblem(.notFound, .blobUploadUnknown, "there is no such upload: it ended, was given up, or never began; begin again")
    }

    /// What the store says, for whoever pushed. What is not the sender's fault says nothing of this machine: the log does.
    init(_ error: any Error) {
        switch error {
        case let problem as RegistryProblem: self = problem
        case let error as StoreError:
            switch error.reason {
            case .imageInvalid: self.init(.badRequest, .manifestInvalid, error.message)
            case .tooLarge: self.init(.payloadTooLarge, .sizeInvalid, error.message)
            case .blobUnexpected: self.init(.badRequest, .digestInvalid, error.message)
            case .blobMissing: self.init(.notFound, .manifestBlobUnknown, error.message)
            case .nameInvalid: self.init(.badRequest, .nameInvalid, error.message)
            case .tooManySigned: self.init(.conflict, .denied, error.message)
            case .diskFull: self.init(.insufficientStorage, .unavailable, "the registry's disk is full")
            default: self.init(.internalServerError, .unknown, "the registry could not do it; its log says why")
            }
        default: self.init(.internalServerError, .unknown, "the registry could not do it; its log says why")
        }
    }
}
