import Foundation
import ImageStore
import Testing

@testable import ImageBuild

/// Builds that BuildKit and buildah agree on: here only what can be told without building.
enum CaseSettings {
    static let folder = DockerfileCase.folder.path
    static let areThere = FileManager.default.fileExists(atPath: folder + "/index.json")

    struct Case: Decodable, CustomTestStringConvertible {
        var id: String
        var dockerfile: String
        var buildArguments: [String: String]
        var expect: String
        var testDescription: String { id }
    }

    struct Expectation: Decodable {
        struct Configuration: Decodable {
            var env: [String]?
            var volumes: [String: [String: String]]?
            enum CodingKeys: String, CodingKey {
                case env = "Env"
                case volumes = "Volumes"
            }
        }
        var config: Configuration
    }

    static let all: [Case] = areThere ? (try? read([Case].self, "index.json")) ?? [] : []

    static func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(contentsOf: URL(filePath: "\(folder)/\(name)")))
    }

    /// A file of a context's archive, found by going through its headers (POSIX ustar).
    static func file(_ path: String, of name: String) throws -> String? {
        let bytes = try Data(contentsOf: URL(filePath: "\(folder)/\(name).context.tar"))
        var offset = 0
        while offset + 512 <= bytes.count {
            let header = bytes[offset..<(offset + 512)]
            let field = { (range: Range<Int>) in
                String(decoding: header[(offset + range.lowerBound)..<(offset + range.upperBound)].prefix { $0 != 0 }, as: UTF8.self)
            }
            let size = Int(field(124..<136).filter { $0.isNumber }, radix: 8) ?? 0
            if ["./" + path, path].contains(field(0..<100)) { return String(decoding: bytes[(offset + 512)..<(offset + 512 + size)], as: UTF8.self) }
            offset += 512 + (size + 511) / 512 * 512
        }
        return nil
    }
}

@Suite("Dockerfiles that others build", .enabled(if: CaseSettings.areThere, "the cases of buildah are not in \(CaseSettings.folder)"))
struct CaseSettingsTests {
    @Test("are all there")
    func count() { #expect(CaseSettings.all.count == 77) }

    @Test("are read, and set what they should", arguments: CaseSettings.all)
    func settings(of example: CaseSettings.Case) throws {
        let text = try #require(try CaseSettings.file(example.dockerfile, of: example.id))
        guard example.id != "env-invalid-ssquote" else {
            #expect(throws: BuildError.self) { try SettingsFixture.states(text) }
            return
        }
        let state = try #require(try SettingsFixture.states(text, given: example.buildArguments).last)
        guard example.expect == "ok" else { return }
        let expected = try CaseSettings.read(CaseSettings.Expectation.self, "\(example.id).expected.json").config
        #expect(state.settings.environment == expected.env)
        #expect(state.settings.volumes.map { Set($0.keys) } == expected.volumes.map { Set($0.keys) })
    }
}
