internal import FoundationEssentials
internal import ImageStore
internal import IngotModel
internal import NIOHTTP1

/// How a blob came to be where it is now.
public enum TransferOutcome: String, Sendable, Codable {
    case transferred
    /// It was there before.
    case present
    /// The registry has it from another of its repositories.
    case mounted
}

extension RemoteRepository {
    /// "Checking if content exists in the registry". A registry that gives no clear answer gets the blob again.
    func holds(_ blob: Descriptor) async throws -> Bool {
        let exchange = Exchange(.HEAD, try url("blobs/\(blob.digest)"))
        return try await limits.retries.run {
            let answer = try await connection.send(exchange, scopes: scopes)
            switch answer.status {
            case 200: return answer.header("content-length").flatMap(Int.init).map { $0 == blob.size } ?? true
            case 404, 405: return false
            default: throw await connection.refusal(answer, "the blob \(blob.digest.short) of \(reference.name)")
            }
        }
    }

    /// "Pushing blobs". A blob that is there, or that another repository of the registry has, is not sent.
    ///
    /// - Parameters:
    ///   - source: a repository of the same registry that may have the blob.
    ///   - progress: called with the number of bytes of each piece; below zero when what was sent has to be sent again.
    func upload(_ blob: StoredBlob, from source: String?, progress: @escaping @Sendable (Int) -> Void) async throws -> TransferOutcome {
        if try await holds(blob.descriptor) {
            progress(blob.descriptor.size)
            return .present
        }
        if let source, source != repository, try await mount(blob.descriptor, from: source) {
            progress(blob.descriptor.size)
            return .mounted
        }
        try await within(limits.deadline(bytes: blob.descriptor.size), "to send the blob \(blob.descriptor.digest.short)") {
            try await send(blob, progress)
        }
        return .transferred
    }

    /// "Mounting a blob from another repository". `false` when the registry does not; it began an upload then, which it forgets by itself.
    private func mount(_ blob: Descriptor, from source: String) async throws -> Bool {
        let exchange = Exchange(.POST, try url("blobs/uploads/", query: [("mount", "\(blob.digest)"), ("from", source)]))
        do {
            let answer = try await connection.send(exchange, scopes: scopes + [AccessScope(repository: source)])
            await connection.transport.drain(answer.response)
            return answer.status == 201
        } catch let error as RegistryError where error.reason != .timedOut {
            // Who may not read there sends the blob.
            return false
        }
    }

    // MARK: Sending

    /// Sends all of it at once. After a cut the registry is asked how far it got; where it does not know, all is sent again. A registry
    /// that takes no blob whole gets it in chunks.
    private func send(_ blob: StoredBlob, _ progress: @escaping @Sendable (Int) -> Void) async throws {
        var upload: Upload?
        var sent = ProgressCount(progress)
        var isChunked = false
        try await limits.retries.run(progress: { sent.confirmed }) {
            if let begun = upload { upload = try? await status(begun) }
            // More than there is: it is not this blob that was sent there.
            if let offset = upload?.offset, offset > blob.descriptor.size { upload = nil }
            if upload == nil { sent.reset(to: 0) } else { sent.reset(to: upload?.offset ?? 0) }
            var current: Upload
            if let known = upload { current = known } else { current = try await begin() }
            upload = current
            do {
                while isChunked, blob.descriptor.size - current.offset > limits.chunk {
                    current = try await patch(blob, current, count: limits.chunk, sent)
                    upload = current
                    sent.confirmed = current.offset
                }
                if current.offset > 0 {
                    if current.offset < blob.descriptor.size {
                        current = try await patch(blob, current, count: blob.descriptor.size - current.offset, sent)
                    }
                    try await finish(blob, current, pieces: nil)
                } else {
                    try await finish(blob, current, pieces: BlobPieces(blob, progress: sent.report))
                }
            } catch let error as RegistryError where error.status == 413 && !isChunked {
                isChunked = true
                upload = nil
                throw RegistryError.cut("the blob \(blob.descriptor.digest.short)", "the registry takes it in chunks only", cause: error)
            } catch let error as RegistryError where error.status == 404 || error.status == 416 {
                upload = nil
                throw RegistryError.cut("the blob \(blob.descriptor.digest.short)", "the registry lost what was sent", cause: error)
            }
        }
    }

    /// An upload that goes on: where to, and how much is there.
    struct Upload: Sendable {
        var url: URL
        var offset = 0
    }

    /// What was told of an upload, so that it can be taken back.
    private struct ProgressCount {
        final class Count: Sendable {
            private let told = Synchronized(0)
            func add(_ bytes: Int) { told.change { $0 += bytes } }
            /// Returns what it was.
            func set(_ bytes: Int) -> Int {
                told.change { (value: inout Int) -> Int in
                    defer { value = bytes }; return value
                }
            }
        }

        private let count = Count()
        private let progress: @Sendable (Int) -> Void
        /// What the registry said that it has.
        var confirmed = 0

        init(_ progress: @escaping @Sendable (Int) -> Void) { self.progress = progress }

        var report: @Sendable (Int) -> Void {
            { [count, progress] bytes in
                count.add(bytes)
                progress(bytes)
            }
        }

        mutating func reset(to bytes: Int) {
            confirmed = max(confirmed, bytes)
            let before = count.set(bytes)
            if before != bytes { progress(bytes - before) }
        }
    }

    private func begin() async throws -> Upload {
        let answer = try await connection.send(Exchange(.POST, try url("blobs/uploads/")), scopes: scopes)
        guard answer.status == 202 else { throw await connection.refusal(answer, "to write to \(reference.name)") }
        await connection.transport.drain(answer.response)
        return Upload(url: try connection.url(answer.header("location"), from: answer.url))
    }

    /// "Pushing a blob in chunks": how much of it is there.
    private func status(_ upload: Upload) async throws -> Upload? {
        let answer = try await connection.send(Exchange(.GET, upload.url), scopes: scopes)
        await connection.transport.drain(answer.response)
        guard answer.status == 204 || answer.status == 202, let range = answer.header("range"), let last = Self.last(ofRange: range) else {
            return nil
        }
        let url = try answer.header("location").map { try connection.url($0, from: answer.url) } ?? upload.url
        return Upload(url: url, offset: last + 1)
    }

    /// `0-99`. Nothing at all is written `0-0` by some, so one byte counts as none.
    static func last(ofRange text: String) -> Int? {
        let parts = (text.hasPrefix("bytes=") ? text.dropFirst(6) : text[...]).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "0", let last = Int(parts[1]), (0..<Int.max).contains(last) else { return nil }
        return last == 0 ? -1 : last
    }

    private func patch(_ blob: StoredBlob, _ upload: Upload, count: Int, _ sent: ProgressCount) async throws -> Upload {
        let pieces = BlobPieces(blob, from: upload.offset, count: count, progress: sent.report)
        let range = "\(upload.offset)-\(upload.offset + count - 1)"
        let answer = try await connection.send(
            Exchange(.PATCH, upload.url, headers: ["content-range": range], body: .blob(pieces)), scopes: scopes)
        guard answer.status == 202 || answer.status == 201 else { throw await connection.refusal(answer, "to write to \(reference.name)") }
        await connection.transport.drain(answer.response)
        let reached = answer.header("range").flatMap(Self.last).map { $0 + 1 } ?? upload.offset + count
        guard reached == upload.offset + count else {
            throw RegistryError.cut("the blob \(blob.descriptor.digest.short)", "the registry has \(reached) bytes")
        }
        return Upload(url: try connection.url(answer.header("location"), from: answer.url), offset: reached)
    }

    private func finish(_ blob: StoredBlob, _ upload: Upload, pieces: BlobPieces?) async throws {
        let url = try URLQuery.adding([("digest", "\(blob.descriptor.digest)")], to: upload.url)
        let answer = try await connection.send(Exchange(.PUT, url, body: pieces.map { .blob($0) } ?? .none), scopes: scopes)
        guard answer.status == 201 || answer.status == 204 else { throw await connection.refusal(answer, "to write to \(reference.name)") }
        await connection.transport.drain(answer.response)
    }
}
