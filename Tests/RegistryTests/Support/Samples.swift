import Foundation
import Glibc
import ImageStore
import IngotModel
import NIOHTTP1
import SystemPackage
import Testing

@testable import Registry

/// A store of its own, gone at the end.
func withStore<Result>(_ body: (ImageStore) async throws -> Result) async throws -> Result {
    let path = "/tmp/ingot-registry-\(getpid())-\(UInt64.random(in: .min ... .max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(ImageStore(root: FilePath(path).appending("root")))
}

/// Bytes that nothing compresses, the same for the same seed.
func noise(_ count: Int, seed: UInt64) -> [UInt8] {
    var state = seed &* 2 &+ 1
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        withUnsafeBytes(of: state >> 16) { bytes += $0.prefix(6) }
    }
    return Array(bytes.prefix(count))
}

/// An image of layers with one file each, of so many bytes.
@discardableResult
func addImage(to store: ImageStore, layers: [Int] = [60_000, 1_000], seed: UInt64 = 1, architecture: String? = nil) throws -> Image {
    var configuration = ImageConfiguration(created: Timestamp(secondsSince1970: 1_700_000_000))
    if let architecture { configuration.architecture = architecture }
    let made = try layers.enumerated().map { number, size in
        var tree = FileTree()
        let content = FileContent(bytes: noise(size, seed: seed &* 1_000 &+ UInt64(number)))
        try tree.insert(.regular(content, FileMetadata(mode: 0o644, modified: FileTime(seconds: 1_700_000_000))), at: TreePath("file-\(number)"))
        return try store.addLayer(tree)
    }
    return try store.addImage(configuration, layers: made)
}

/// What a truthful registry would answer for the images of a store: manifests by digest and by tag, blobs, nothing else.
struct Served: Sendable {
    var documents: [String: (type: String, bytes: [UInt8])] = [:]
    var blobs: [String: [UInt8]] = [:]

    /// - Parameter tag: of the last one.
    init(_ images: [Image], of store: ImageStore, tag: String = "1") throws {
        for image in images {
            let document = try store.document(image.digest)
            documents["\(image.digest)"] = (document.descriptor.mediaType, document.bytes)
            documents[tag] = (document.descriptor.mediaType, document.bytes)
            for blob in document.blobs { blobs["\(blob.digest)"] = try store.readBlob(blob.digest, limit: .gibibytes(1)) }
        }
    }

    func answer(_ request: FakeRegistry.Request) -> FakeRegistry.Answer {
        let name = request.path.split(separator: "/").last.map(String.init) ?? ""
        if request.path.contains("/manifests/"), let document = documents[name] {
            return .init(headers: [("content-type", document.type)], body: document.bytes)
        }
        guard request.path.contains("/blobs/"), let blob = blobs[name] else { return .notFound() }
        guard let range = request.headers.first(name: "range"), let start = Int(range.dropFirst("bytes=".count).dropLast()) else {
            return .init(body: blob)
        }
        return .init(status: 206, headers: [("content-range", "bytes \(start)-\(blob.count - 1)/\(blob.count)")], body: Array(blob.dropFirst(start)))
    }

    func isLargest(_ request: FakeRegistry.Request) -> Bool {
        let largest = blobs.max { $0.value.count < $1.value.count }?.key ?? "-"
        return request.path.hasSuffix(largest)
    }
}

/// Quick to try again, and slow to give up: other tests may keep the processors for minutes. What is about time sets its own.
func impatient(_ change: (inout RegistryLimits) -> Void = { _ in }) -> RegistryOptions {
    var options = RegistryOptions()
    options.limits.patience = .seconds(120)
    options.limits.connection = .seconds(120)
    options.limits.answer = .seconds(300)
    options.limits.retries.first = .milliseconds(5)
    options.limits.retries.attempts = 3
    change(&options.limits)
    return options
}

/// Docker's `config.json` with entries for hosts.
func configurationFile(_ entries: [String: (user: String, password: String)], in folder: FilePath) throws -> FilePath {
    let auths = entries.mapValues { ["auth": Data("\($0.user):\($0.password)".utf8).base64EncodedString()] }
    let file = folder.appending("config-\(UInt32.random(in: 0 ... .max)).json")
    try JSONEncoder().encode(["auths": auths]).write(to: URL(fileURLWithPath: file.string))
    return file
}
