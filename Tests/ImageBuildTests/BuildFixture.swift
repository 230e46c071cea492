import Foundation
import Glibc
import ImageStore
import IngotModel
import Logging
import Synchronization
import SystemPackage
import Testing

@testable import ImageBuild

/// A store, a builder and a context of their own, gone after the body whatever happens in it.
struct BuildFixture: Sendable {
    let folder: FilePath
    let store: ImageStore
    let builder: ImageBuilder
    var context: FilePath { folder.appending("context") }
    var build: FilePath { folder.appending("root/build") }

    static let commit = SourceRevision(commit: String(repeating: "c", count: 40), committedAtSecond: 1_700_000_000, isDirty: false)

    static func with<Result>(base: Bool = true, _ body: (BuildFixture) async throws -> Result) async throws -> Result {
        let fixture = try BuildFixture()
        defer { fixture.remove() }
        if base { try fixture.addBase() }
        return try await body(fixture)
    }

    private init() throws {
        folder = FilePath("/tmp/ingot-build-test-\(getpid())-\(UInt32.random(in: 0 ... .max))")
        try Files.makeFolder(folder)
        store = try ImageStore(root: folder.appending("root"))
        builder = ImageBuilder(store: store, cacheFolder: folder.appending("root/build"), logger: Logger(label: "test"))
        try Files.makeFolder(folder.appending("context"), mode: 0o755)
    }

    private func remove() {
        for point in MountPoints.below(folder.string).reversed() { umount2(point, CInt(MNT_DETACH)) }
        Files.removeTree(folder)
    }

    /// Tags `base`: the host's shell, some programs and their libraries.
    func addBase() throws {
        var tree = FileTree()
        let date = FileTime(seconds: 1_000_000_000)
        let folderMetadata = FileMetadata(mode: 0o755, modified: date)
        for (host, path) in Self.programs where access(host, F_OK) == 0 {
            let real = FilePath(
                try #require(
                    realpath(host, nil).map { pointer in
                        defer { free(pointer) }
                        return String(cString: pointer)
                    }))
            try tree.insert(.regular(FileContent(file: real), FileMetadata(mode: 0o755, modified: date)), at: TreePath(path), parents: folderMetadata)
        }
        try tree.insert(
            .regular(FileContent(text: "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n"), FileMetadata(mode: 0o644, modified: date)),
            at: TreePath("etc/passwd"), parents: folderMetadata)
        try tree.insert(
            .regular(FileContent(text: "root:x:0:\napp:x:1001:\nextra:x:2000:app\n"), FileMetadata(mode: 0o644, modified: date)),
            at: TreePath("etc/group"), parents: folderMetadata)
        try tree.insert(.folder(FileMetadata(mode: 0o1777, modified: date)), at: TreePath("tmp"), parents: folderMetadata)
        tree.update(.root) { $0.modified = date }
        var configuration = ImageConfiguration(created: Timestamp(secondsSince1970: 1_000_000_000))
        configuration.config.environment = ["PATH=/bin"]
        let image = try store.addImage(configuration, layers: [store.addLayer(tree)])
        try store.tag(image.digest, as: "base")
    }

    private static var programs: [(host: String, path: String)] {
        #if arch(arm64)
            let machine = "aarch64", loader = "lib/ld-linux-aarch64.so.1"
        #else
            let machine = "x86_64", loader = "lib64/ld-linux-x86-64.so.2"
        #endif
        let libraries = ["libc.so.6", "libselinux.so.1", "libpcre2-8.so.0", "libacl.so.1", "libattr.so.1", "libgmp.so.10", "libcrypto.so.3"]
        let names = [
            "sh", "cat", "mkdir", "ln", "chmod", "touch", "rm", "id", "sleep", "hostname", "ls", "mknod", "rmdir", "dd", "stat", "mv", "cp",
            "truncate", "chown",
        ]
        return names.map { ("/bin/\($0)", "bin/\($0)") } + [
            ("/usr/bin/id", "bin/id"), ("/usr/bin/env", "bin/env"), ("/usr/bin/ssh-add", "bin/ssh-add"),
        ]
            + libraries.map { ("/lib/\(machine)-linux-gnu/\($0)", "lib/\(machine)-linux-gnu/\($0)") } + [("/\(loader)", loader)]
    }

    /// Writes a file of the context; `folder/` makes a folder.
    func write(_ path: String, _ text: String = "", mode: mode_t = 0o644) throws {
        let target = context.pushing(FilePath(path))
        try Files.makeFolders(target.removingLastComponent(), mode: 0o755)
        if path.hasSuffix("/") { return try Files.makeFolder(target, mode: 0o755) }
        try Files.write(Array(text.utf8), to: target)
        chmod(target.string, mode)
    }

    /// Without syncing: for many files.
    func writeQuickly(_ path: String, _ text: String) throws {
        let target = context.pushing(FilePath(path))
        try Files.makeFolders(target.removingLastComponent(), mode: 0o755)
        try text.write(toFile: target.string, atomically: false, encoding: .utf8)
    }

    func request(_ dockerfile: String, _ change: (inout BuildRequest) -> Void = { _ in }) throws -> BuildRequest {
        try write("Dockerfile", dockerfile)
        var request = BuildRequest(contextFolder: context, revision: Self.commit)
        change(&request)
        return request
    }

    @discardableResult
    func run(_ dockerfile: String, _ change: (inout BuildRequest) -> Void = { _ in }) async throws -> BuildResult {
        try await builder.build(request(dockerfile, change))
    }

    /// The image's files as they are seen through its mounts.
    func withFiles<Result>(_ image: Image, _ body: (MountedTree) throws -> Result) throws -> Result {
        let place = folder.appending("view-\(UInt32.random(in: 0 ... .max))")
        try Files.makeFolder(place)
        let view = try LayerView(image.layers, store: store, in: place)
        defer { view.unmount() }
        return try body(#require(view.tree))
    }

    func text(_ path: String, of image: Image) throws -> String {
        try withFiles(image) { tree in
            let parts = path.split(separator: "/").map(String.init)
            return String(decoding: try #require(try tree.read(parts, limit: 1 << 20)), as: UTF8.self)
        }
    }

    func file(_ path: String, of image: Image) throws -> MountedTree.Found? {
        try withFiles(image) { try $0.find(path.split(separator: "/").map(String.init)) }
    }

    /// What is left of builds besides the cache: nothing, when all is well.
    var leftovers: [String] { Files.names(build.appending("tmp")).filter { $0 != "lock" } + MountPoints.below(build.string) }

    static func git(_ arguments: [String], in folder: FilePath) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/git")
        process.arguments = ["-C", folder.string, "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"] + arguments
        process.environment = [
            "GIT_COMMITTER_DATE": "1700000001 +0000", "GIT_AUTHOR_DATE": "1700000001 +0000", "PATH": "/usr/bin:/bin", "HOME": "/root",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}

/// Events of a build, in the order in which they came.
final class EventLog: Sendable {
    private let lines = Mutex<[String]>([])

    func append(_ event: BuildEvent) {
        guard case .output(_, let line) = event else { return }
        lines.withLock { $0.append(line) }
    }

    var output: [String] { lines.withLock { $0 } }
}
