import AsyncHTTPClient
import Crypto
import FoundationEssentials
import Glibc
import ImageStore
import IngotModel
import NIOCore
import NIOHTTP1
import SystemPackage

/// What builds downloaded, by digest, under `ROOT/build/downloads`; and for each address what it gave last.
///
/// With a checksum nothing is asked when a file of that digest is there. Without one the server is asked each time,
/// with what it said the last time (`ETag`, `Last-Modified`), and sends nothing again that has not changed.
struct Downloads: Sendable {
    let folder: FilePath
    var limits = Limits()

    struct Limits: Sendable {
        var bytes: ByteSize = .gibibytes(10)
        /// For all of a file.
        var deadline = Duration.seconds(1_800)
        /// Until a connection is made; between two pieces.
        var patience = TimeAmount.seconds(60)
        var redirects = 10
        /// Files that are kept; beyond that the oldest go.
        var files = 200
    }

    struct Download: Sendable {
        var digest: IngotModel.Digest
        /// Open, so that it stays whatever happens to its name.
        var content: FileContent
    }

    private struct Record: Codable {
        var digest: IngotModel.Digest
        var tag: String?
        var modified: String?
    }

    /// - Parameter checksum: `sha256:…`, held against what comes while it comes.
    func fetch(_ address: DownloadAddress, checksum: String?) async throws -> Download {
        let expected = try checksum.map(Self.digest)
        try Files.makeFolders(folder)
        if let expected, let content = content(of: expected) { return Download(digest: expected, content: content) }
        let known = expected == nil ? record(of: address) : nil
        let download = try await Deadline.within(limits.deadline, what: "the download of \(address.text)") {
            try await get(address, known: known, expected: expected)
        }
        prune()
        return download
    }

    private static func digest(_ text: String) throws(BuildError) -> IngotModel.Digest {
        guard text.hasPrefix("sha256:"), let digest = IngotModel.Digest(text: text) else {
            throw BuildError("invalid-checksum", "'\(text.prefix(100))' is no checksum", remedy: "write sha256: and 64 digits")
        }
        return digest
    }

    // MARK: Asking

    private func get(_ address: DownloadAddress, known: Record?, expected: IngotModel.Digest?) async throws -> Download {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .follow(max: limits.redirects, allowCycles: false),
            timeout: .init(connect: limits.patience, read: limits.patience))
        configuration.decompression = .disabled
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let download = try await get(address, client, known: known, expected: expected)
            try await client.shutdown()
            return download
        } catch {
            try? await client.shutdown()
            throw error is BuildError || error is StoreError || error is CancellationError ? error : Self.failure(address, "\(error)", error)
        }
    }

    private func get(
        _ address: DownloadAddress, _ client: HTTPClient, known: Record?, expected: IngotModel.Digest?
    ) async throws -> Download {
        var request = HTTPClientRequest(url: address.text)
        request.headers.add(name: "user-agent", value: "ingot")
        if let tag = known?.tag { request.headers.add(name: "if-none-match", value: tag) }
        if let modified = known?.modified { request.headers.add(name: "if-modified-since", value: modified) }
        let response = try await client.execute(request, timeout: .nanoseconds(Int64(limits.deadline / .nanoseconds(1))))
        if response.status.code == 304, let known, let content = content(of: known.digest) { return Download(digest: known.digest, content: content) }
        guard response.status.code == 200 else { throw Self.failure(address, "the server answers \(response.status.code)") }
        let digest = try await keep(response.body, of: address, expected: expected)
        let record = Record(digest: digest, tag: response.headers.first(name: "etag"), modified: response.headers.first(name: "last-modified"))
        try write(record, of: address)
        guard let content = content(of: digest) else { throw Self.failure(address, "it is gone again") }
        return Download(digest: digest, content: content)
    }

    /// Writes what comes under its digest, whole or not at all.
    private func keep(_ body: HTTPClientResponse.Body, of address: DownloadAddress, expected: IngotModel.Digest?) async throws -> IngotModel.Digest {
        let temporary = folder.appending("\(getpid())-\(UInt64.random(in: 0 ... .max)).tmp")
        let file = try FileDescriptor.open(temporary, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: .ownerReadWrite)
        defer {
            try? file.close()
            unlink(temporary.string)
        }
        var hash = SHA256()
        var count = 0
        for try await part in body {
            count += part.readableBytes
            guard count <= limits.bytes.bytes else { throw Self.failure(address, "it is larger than \(limits.bytes)") }
            try part.withUnsafeReadableBytes { bytes in
                hash.update(bufferPointer: bytes)
                _ = try file.writeAll(bytes)
            }
        }
        let digest = IngotModel.Digest(bytes: hash.finalize())
        if let expected, digest != expected {
            throw BuildError(
                "checksum-mismatch", "\(address.text) has the checksum \(digest), not \(expected)", remedy: "find out which of the two is wrong")
        }
        guard fsync(file.rawValue) == 0, rename(temporary.string, path(of: digest).string) == 0 else {
            throw BuildError.system("write", path(of: digest).string, number: errno)
        }
        return digest
    }

    private static func failure(_ address: DownloadAddress, _ why: String, _ cause: (any Error)? = nil) -> BuildError {
        BuildError(
            "download-failed", "can't download \(address.text.prefix(500)): \(why)", remedy: "check the address, and that it can be reached",
            fault: .world, cause: cause)
    }

    // MARK: Files

    private func path(of digest: IngotModel.Digest) -> FilePath { folder.appending(digest.hex) }

    private func content(of digest: IngotModel.Digest) -> FileContent? { try? FileContent(file: path(of: digest)) }

    private func path(of address: DownloadAddress) -> FilePath {
        var key = CacheKey.Builder("download")
        key.append(address.text)
        return folder.appending("\(key.finish().digest.hex).json")
    }

    private func record(of address: DownloadAddress) -> Record? {
        guard let bytes = try? Files.read(path(of: address), limit: 1 << 16), let record = try? JSONDecoder().decode(Record.self, from: Data(bytes)),
            content(of: record.digest) != nil
        else { return nil }
        return record
    }

    private func write(_ record: Record, of address: DownloadAddress) throws {
        try Files.write(Array(JSONEncoder().encode(record)), to: path(of: address))
    }

    /// Removes the oldest files beyond the limit. One that is being copied is open, and stays until it is closed.
    private func prune() {
        let names = Files.names(folder)
        guard names.count > limits.files else { return }
        let aged = names.map { name -> (name: String, modified: Int64) in
            var status = stat()
            return (name, stat(folder.appending(name).string, &status) == 0 ? FileIdentity.nanoseconds(status.st_mtim) : 0)
        }
        for old in aged.sorted(by: { $0.modified < $1.modified }).prefix(names.count - limits.files) { unlink(folder.appending(old.name).string) }
    }
}
