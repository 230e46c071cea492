import Foundation
import ImageStore
import SystemPackage
import Testing

@testable import ImageBuild

@Suite(
    "Real Dockerfiles",
    .enabled(if: !DockerfileCase.all.isEmpty, "SKIPPED: no published cases; set INGOT_TEST_DATA to the folder that has dockerfile-cases/"))
struct DockerfileCasesTests {
    @Test("are all here") func count() { #expect(DockerfileCase.all.count == 77) }

    @Test("give the image that others agree on, from a folder and from an archive", arguments: DockerfileCase.all)
    func image(of dockerfileCase: DockerfileCase) async throws {
        try await BuildFixture.with(base: false) { fixture in
            try Self.extract(dockerfileCase.archive, to: fixture.context)
            var request = BuildRequest(contextFolder: fixture.context, revision: BuildFixture.commit)
            request.dockerfilePath = FilePath(dockerfileCase.dockerfile)
            request.buildArguments = dockerfileCase.buildArguments
            var fromArchive = request
            fromArchive.context = .archive(FilePath(dockerfileCase.archive.path))
            guard !dockerfileCase.fails else {
                await #expect(throws: BuildError.self) { try await fixture.builder.build(request) }
                await #expect(throws: BuildError.self) { try await fixture.builder.build(fromArchive) }
                return
            }
            let image = try await fixture.builder.build(request).image
            var expected = try dockerfileCase.expected()
            expected.files.merge(Self.missing[dockerfileCase.id] ?? [:]) { recorded, _ in recorded }
            try Self.compare(image, expected, in: fixture)
            #expect(try await fixture.builder.build(fromArchive).image.digest == image.digest)
        }
    }

    /// What a record leaves out, though its Dockerfile says it: `COPY dir/file /subdir/` puts a file there.
    private static let missing: [String: [String: ImageFile]] = [
        "copy_from_subdir_to_new_directory": [
            "subdir": ImageFile(type: "dir", mode: "0o755", uid: 0, gid: 0),
            "subdir/file": ImageFile(type: "file", mode: "0o644", uid: 0, gid: 0, size: 0, sha256Prefix: ImageFile.prefix(of: [])),
        ]
    ]

    private static func compare(_ image: Image, _ expected: DockerfileCase.Expected, in fixture: BuildFixture) throws {
        #expect(DockerfileCase.Configuration(image.configuration) == expected.config)
        let files = try ImageFile.all(of: image, in: fixture)
        #expect(Set(files.keys) == Set(expected.files.keys))
        for (path, file) in expected.files.sorted(by: { $0.key < $1.key }) {
            var file = file
            if let own = try ownDockerfile(path, in: fixture) { (file.size, file.sha256Prefix) = (own.count, ImageFile.prefix(of: own)) }
            #expect(files[path] == file, "\(path)")
        }
    }

    /// Some Dockerfiles name a frontend that the recorded builds had under another name: what they copied of themselves has another
    /// first line than the one in the archive.
    private static func ownDockerfile(_ path: String, in fixture: BuildFixture) throws -> [UInt8]? {
        guard path == "subdir/Dockerfile", let own = try Files.read(fixture.context.appending("Dockerfile"), limit: 1 << 20),
            own.starts(with: Array("# syntax=mirror".utf8))
        else { return nil }
        return own
    }

    private static func extract(_ archive: URL, to folder: FilePath) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/tar")
        process.arguments = ["--numeric-owner", "--xattrs", "--xattrs-include=*", "-xpf", archive.path, "-C", folder.string]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}
