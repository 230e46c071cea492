internal import ImageStore
internal import IngotModel
internal import NIOCore
internal import NIOHTTP1

/// "Pushing blobs": whole, as a stream, in chunks, or from another repository. Bytes go to a file as they come, and are hashed on their way.
extension RegistryDesk {
    func begin(_ name: RepositoryName, _ beginning: RegistryOperation.UploadBeginning, _ request: Request) async throws -> Answer {
        let repository = store.repository(name)
        switch beginning {
        case .session: break
        case .whole(let digest):
            let upload = try await onDisk { try repository.upload() }
            try await receive(request, into: upload, chunk: nil)
            return try await keep(upload, digest, name)
        case .mount(let digest, let source):
            if let source, request.access.allows(.pull(source), isOpen: isOpen) {
                let other = store.repository(source)
                let isMounted = try await onDisk {
                    guard try other.renew(digest) else { return false }
                    try repository.link(digest)
                    return true
                }
                if isMounted { return Self.created(digest, name) }
            }
        }
        let upload = try await onDisk { try repository.upload() }
        return Self.progress(.accepted, try sessions.begin(upload, of: name), name, 0)
    }

    func upload(
        _ name: RepositoryName, _ id: UploadID, _ step: RegistryOperation.UploadStep, _ request: Request
    ) async throws -> Answer {
        let upload = try sessions.take(id, of: name)
        do {
            switch step {
            case .status:
                sessions.put(upload, back: id)
                return Self.progress(.noContent, id, name, upload.count)
            case .cancel:
                sessions.end(id)
                return Answer(.noContent)
            case .append:
                try await receiveChunk(request, into: upload, id, name)
                sessions.put(upload, back: id)
                return Self.progress(.accepted, id, name, upload.count)
            case .finish(let digest):
                try await receiveChunk(request, into: upload, id, name)
                // What was sent is the blob, or it is nothing: an upload ends either way.
                sessions.end(id)
                return try await keep(upload, digest, name)
            }
        } catch {
            // What came before a cut stays, so that the sender can ask how far it got.
            sessions.put(upload, back: id)
            throw error
        }
    }

    /// A chunk that says where it belongs must begin where the last one ended, and have the length that it says.
    private func receiveChunk(_ request: Request, into upload: BlobUpload, _ id: UploadID, _ name: RepositoryName) async throws {
        guard let header = request.head.headers.first(name: "content-range") else { return try await receive(request, into: upload, chunk: nil) }
        guard let chunk = ByteRange.chunk(header) else {
            throw RegistryProblem(.badRequest, .blobUploadInvalid, "'\(header.prefix(80))' is no Content-Range such as 0-99")
        }
        guard chunk.lowerBound == upload.count else {
            throw RegistryProblem(
                .rangeNotSatisfiable, .blobUploadInvalid, "the next byte is \(upload.count), and this chunk begins at \(chunk.lowerBound)",
                headers: ["Location": Self.location(id, name), "Range": Self.range(upload.count)])
        }
        if let length = request.length, length != chunk.count { throw Self.wrongLength(chunk, length) }
        try await receive(request, into: upload, chunk: chunk)
    }

    /// All of a request's body. What is more than it may be is taken back.
    private func receive(_ request: Request, into upload: BlobUpload, chunk: Range<Int>?) async throws {
        let mark = upload.mark()
        let before = upload.count
        let most = min(chunk?.count ?? .max, limits.blob.bytes - before)
        if let length = request.length, length > most { throw tooLarge }
        do {
            try await request.body.forEachBatch { buffers in
                let count = buffers.reduce(0) { $0 + $1.readableBytes }
                guard count <= most - (upload.count - before) else { throw chunk.map { Self.wrongLength($0, nil) } ?? tooLarge }
                try await onDisk { for buffer in buffers { try buffer.withUnsafeReadableBytes { try upload.append($0) } } }
            }
            if let chunk, upload.count - before != chunk.count { throw Self.wrongLength(chunk, upload.count - before) }
        } catch let problem as RegistryProblem {
            upload.goBack(to: mark)
            throw problem
        }
    }

    private func keep(_ upload: BlobUpload, _ digest: Digest, _ name: RepositoryName) async throws -> Answer {
        _ = try await onDisk { try upload.keep(as: digest) }
        return Self.created(digest, name)
    }

    private var tooLarge: RegistryProblem { RegistryProblem(.payloadTooLarge, .sizeInvalid, "a blob has at most \(limits.blob)") }

    private static func wrongLength(_ chunk: Range<Int>, _ length: Int?) -> RegistryProblem {
        let found = length.map { "\($0)" } ?? "more"
        return RegistryProblem(.badRequest, .sizeInvalid, "the chunk is said to have \(chunk.count) bytes, and has \(found)")
    }

    private static func location(_ id: UploadID, _ name: RepositoryName) -> String { "/v2/\(name)/blobs/uploads/\(id)" }

    /// What is there, both ends in it. That there is nothing can't be written so: everybody writes `0-0`.
    private static func range(_ count: Int) -> String { "0-\(max(0, count - 1))" }

    private static func progress(_ status: HTTPResponseStatus, _ id: UploadID, _ name: RepositoryName, _ count: Int) -> Answer {
        Answer(status, [("location", location(id, name)), ("range", range(count)), ("docker-upload-uuid", "\(id)")])
    }

    private static func created(_ digest: Digest, _ name: RepositoryName) -> Answer {
        Answer(.created, [("location", "/v2/\(name)/blobs/\(digest)"), ("docker-content-digest", "\(digest)")])
    }
}
