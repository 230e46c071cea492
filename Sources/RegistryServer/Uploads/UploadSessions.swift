internal import ImageStore
internal import NIOHTTP1
internal import Synchronization

/// The uploads under way. One request at a time has one; between two it waits here, and is given up when nobody comes.
final class UploadSessions: Sendable {
    private let limits: ServerLimits
    private let sessions = Mutex<[UploadID: Session]>([:])

    private struct Session {
        var repository: RepositoryName
        /// `nil` while a request has it.
        var upload: BlobUpload?
        var usedAt: ContinuousClock.Instant
    }

    init(_ limits: ServerLimits) { self.limits = limits }

    func begin(_ upload: BlobUpload, of repository: RepositoryName) throws(RegistryProblem) -> UploadID {
        giveUpOld()
        let id = UploadID.make()
        try sessions.withLock { (sessions) throws(RegistryProblem) in
            guard sessions.count < limits.uploads else {
                throw RegistryProblem(
                    .tooManyRequests, .tooManyRequests, "there are \(limits.uploads) uploads already; try again later", headers: ["Retry-After": "10"]
                )
            }
            sessions[id] = Session(repository: repository, upload: upload, usedAt: .now)
        }
        return id
    }

    /// Takes an upload for one request; `put` or `end` must follow. Throws when there is none, or another request has it.
    func take(_ id: UploadID, of repository: RepositoryName) throws(RegistryProblem) -> BlobUpload {
        giveUpOld()
        return try sessions.withLock { (sessions) throws(RegistryProblem) in
            guard let session = sessions[id], session.repository == repository else { throw .unknownUpload }
            guard let upload = session.upload else {
                throw RegistryProblem(.conflict, .blobUploadInvalid, "another request is sending to this upload")
            }
            sessions[id]?.upload = nil
            return upload
        }
    }

    func put(_ upload: BlobUpload, back id: UploadID) {
        sessions.withLock { sessions in
            guard let session = sessions[id] else { return }
            sessions[id] = Session(repository: session.repository, upload: upload, usedAt: .now)
        }
    }

    func end(_ id: UploadID) { sessions.withLock { $0[id] = nil } }

    var count: Int { sessions.withLock { $0.count } }

    /// One that a request has is not old.
    func giveUpOld(at now: ContinuousClock.Instant = .now) {
        sessions.withLock { sessions in
            sessions = sessions.filter { $0.value.upload == nil || now - $0.value.usedAt < limits.uploadPatience }
        }
    }
}
