internal import ImageStore
internal import IngotModel
internal import NIOHTTP1

extension RegistryDesk {
    /// "Pulling blobs". Whoever only asks whether a blob is there may be about to rely on it, so its lease begins anew.
    func readBlob(_ name: RepositoryName, _ digest: Digest, _ request: Request) async throws -> Answer {
        let repository = store.repository(name)
        let isQuestion = request.head.method == .HEAD
        let blob = try await onDisk { [store] in
            guard try isQuestion ? repository.renew(digest) : repository.holds(digest) else { throw RegistryProblem.unknownBlob(digest) }
            return try OpenBlob(digest, of: store)
        }
        let headers = [("docker-content-digest", "\(digest)"), ("accept-ranges", "bytes"), ("etag", "\"\(digest)\"")]
        switch ByteRange.answer(isQuestion ? nil : request.head.headers.first(name: "range"), size: blob.size) {
        case .all: return Answer(.ok, headers, .blob(blob, 0..<blob.size))
        case .part(let range):
            let part = ("content-range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(blob.size)")
            return Answer(.partialContent, headers + [part], .blob(blob, range))
        case .unsatisfiable:
            return Answer(
                RegistryProblem(
                    .rangeNotSatisfiable, .sizeInvalid, "the blob has \(blob.size) bytes", headers: ["Content-Range": "bytes */\(blob.size)"]))
        }
    }

    /// "Deleting Blobs". Only this repository loses it.
    func deleteBlob(_ name: RepositoryName, _ digest: Digest) async throws -> Answer {
        let repository = store.repository(name)
        let isUnlinked = try await onDisk {
            guard repository.has(digest) else { return false }
            return try store.withNaming {
                try checkNothingKeeps(digest, of: repository)
                return try repository.unlink(digest)
            }
        }
        guard isUnlinked else { throw RegistryProblem.unknownBlob(digest) }
        return Answer(.accepted)
    }
}
