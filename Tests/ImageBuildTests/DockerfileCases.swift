import Crypto
import Foundation
import ImageStore
import SystemPackage
import Testing

@testable import ImageBuild

/// Builds that others published: a context, and the image that BuildKit and buildah agree on.
struct DockerfileCase: Codable, Sendable, CustomTestStringConvertible {
    /// `INGOT_TEST_DATA` says where it is; else it stands beside the project, as `shared/data`.
    static let folder: URL = {
        let data = ProcessInfo.processInfo.environment["INGOT_TEST_DATA"].map { URL(fileURLWithPath: $0) }
        let project = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardized
        return (data ?? project.appending(path: "../shared/data").standardized).appending(path: "dockerfile-cases")
    }()

    var id: String
    var dockerfile: String
    var buildArguments: [String: String]
    var expect: String

    var testDescription: String { id }
    var fails: Bool { expect == "fail" }
    var archive: URL { Self.folder.appending(path: "\(id).context.tar") }

    /// None where the data is absent.
    static let all: [DockerfileCase] = {
        guard let data = try? Data(contentsOf: folder.appending(path: "index.json")) else { return [] }
        return (try? JSONDecoder().decode([DockerfileCase].self, from: data)) ?? []
    }()

    func expected() throws -> Expected {
        try JSONDecoder().decode(Expected.self, from: Data(contentsOf: Self.folder.appending(path: "\(id).expected.json")))
    }

    struct Expected: Decodable {
        var config: Configuration
        var files: [String: ImageFile]
    }

    struct Configuration: Codable, Equatable {
        var env: [String]?
        var workingDir: String?
        var architecture: String
        var os: String

        enum CodingKeys: String, CodingKey {
            case env = "Env"
            case workingDir = "WorkingDir"
            case architecture, os
        }

        init(_ configuration: ImageConfiguration) {
            env = configuration.config.environment
            workingDir = configuration.config.workingFolder
            architecture = configuration.architecture
            os = configuration.os
        }
    }
}

/// One path of an image, in the words of the cases.
struct ImageFile: Codable, Equatable {
    var type: String
    var mode: String?
    var uid: UInt32
    var gid: UInt32
    var size: Int?
    var sha256Prefix: String?
    var link: String?

    init(type: String, mode: String?, uid: UInt32, gid: UInt32, size: Int? = nil, sha256Prefix: String? = nil, link: String? = nil) {
        (self.type, self.mode, self.uid, self.gid, self.size, self.sha256Prefix, self.link) = (type, mode, uid, gid, size, sha256Prefix, link)
    }

    /// All paths of an image.
    static func all(of image: Image, in fixture: BuildFixture) throws -> [String: ImageFile] {
        guard !image.layers.isEmpty else { return [:] }
        return try fixture.withFiles(image) { tree in
            var files: [String: ImageFile] = [:]
            try add(below: [], of: tree, to: &files)
            return files
        }
    }

    private static func add(below folder: [String], of tree: MountedTree, to files: inout [String: ImageFile]) throws {
        for name in try tree.names(folder) {
            let parts = folder + [name]
            let found = try #require(try tree.find(parts))
            files[parts.joined(separator: "/")] = try ImageFile(found, content: { try tree.read(parts, limit: 1 << 24) ?? [] })
            if found.isFolder { try add(below: parts, of: tree, to: &files) }
        }
    }

    init(_ found: MountedTree.Found, content: () throws -> [UInt8]) throws {
        uid = found.metadata.userID
        gid = found.metadata.groupID
        mode = "0o" + String(found.metadata.mode, radix: 8)
        switch found.kind {
        case .folder: type = "dir"
        case .regular:
            type = "file"
            let bytes = try content()
            size = bytes.count
            sha256Prefix = Self.prefix(of: bytes)
        case .link(let target):
            type = "sym"
            mode = nil
            link = target
        case .other: type = "other"
        }
    }

    static func prefix(of bytes: [UInt8]) -> String {
        String(SHA256.hash(data: bytes).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined().prefix(16))
    }
}
