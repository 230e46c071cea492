import Foundation
import Glibc
import ImageBuild
import ImageStore
import IngotModel
import Logging
import SystemPackage

@testable import Lint

/// A store and a builder of their own, gone after the body whatever happens in it.
struct ImageFixture: Sendable {
    let folder: FilePath
    let store: ImageStore
    private let builder: ImageBuilder

    static let commit = SourceRevision(commit: String(repeating: "c", count: 40), committedAtSecond: 1_790_000_000, isDirty: false)
    /// A day after the commit.
    static let now = Timestamp(secondsSince1970: 1_790_086_400)

    static func with<Result>(_ body: (ImageFixture) async throws -> Result) async throws -> Result {
        let fixture = try ImageFixture()
        defer {
            try? fixture.store.unmountAll()
            try? FileManager.default.removeItem(atPath: fixture.folder.string)
        }
        return try await body(fixture)
    }

    private init() throws {
        folder = FilePath("/tmp/ingot-lint-test-\(getpid())-\(UInt32.random(in: 0 ... .max))")
        store = try ImageStore(root: folder.appending("root"))
        builder = ImageBuilder(store: store, cacheFolder: folder.appending("root/build"), logger: Logger(label: "test"))
    }

    /// Builds an image of files, each with its content.
    func build(_ dockerfile: String, _ files: [String: String] = [:], tag: String? = nil, revision: SourceRevision = commit) async throws -> Image {
        let context = folder.appending("context-\(UInt32.random(in: 0 ... .max))")
        for (path, text) in files.merging(["Dockerfile": dockerfile], uniquingKeysWith: { _, new in new }) {
            let file = URL(filePath: context.pushing(FilePath(path)).string)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return try await builder.build(BuildRequest(contextFolder: context, tags: tag.map { [$0] } ?? [], revision: revision)).image
    }

    func subject(_ image: Image, now: Timestamp = now) throws -> ImageSubject { try .of(image, in: store, now: now) }
}
