public import IngotModel

/// `POST /v1/rejections`: an image is to run nowhere any more. What runs of it is replaced by the last good release.
public struct RejectionRequest: Sendable, Codable, Equatable {
    /// A digest, a tag or a commit.
    public var reference: String
    public var reason: String
    public init(reference: String, reason: String) {
        self.reference = reference
        self.reason = reason
    }
}

/// `POST /v1/acceptances`: the rejection of an image is taken back. `DELETE /v1/rejections/{digest}` does the same for a whole digest.
public struct AcceptanceRequest: Sendable, Codable, Equatable {
    /// A digest, which may be one of an image that is not here any more, a tag or a commit.
    public var reference: String
    public init(reference: String) { self.reference = reference }
}

/// The answer to a rejection, and to taking one back.
public struct RejectionAnswer: Sendable, Codable, Equatable {
    public var image: Digest
    public var isRejected: Bool
    /// The environments that go away from it now.
    public var leaving: [EnvironmentID]
    public init(image: Digest, isRejected: Bool, leaving: [EnvironmentID]) {
        self.image = image
        self.isRejected = isRejected
        self.leaving = leaving
    }
}
