// swift-format-ignore-file: NeverForceUnwrap

import Foundation
import Glibc
import ImageStore
import IngotModel
import Simulation
import SystemPackage
import Testing

@testable import Gates

/// Samples are made when the tests run: what looks like a secret has no place in a repository.
@Suite("Secrets in images") struct SecretTests {
    private static func random(_ alphabet: Alphabet, _ count: Int, _ generator: inout SeededGenerator) -> String {
        let bytes = (33...126).map { UInt8($0) }.filter(alphabet.contains)
        // No padding within, no marks of text, and nothing that its neighbours could be taken for.
        let plain = bytes.filter { Alphabet.alphanumeric.contains($0) }
        return String(decoding: (0..<count).map { _ in (plain.randomElement(using: &generator) ?? 65) }, as: UTF8.self)
    }

    /// Text in which the rule must find its secret, and the path it lies at.
    private static func sample(_ rule: SecretRule, _ word: String, _ generator: inout SeededGenerator) -> (path: String, text: String, secret: String)
    {
        let path = rule.paths.first.map { "root/\($0)" } ?? "app/settings"
        var text = word
        var secret = ""
        switch rule.shape {
        case .token(let alphabet, let length):
            secret = word + random(alphabet, length.lowerBound, &generator)
            text = "key \(secret)\n"
        case .infix(let before, let alphabet, let length):
            secret = random(alphabet, before, &generator) + word + random(alphabet, length.lowerBound, &generator)
            text = "key \(secret)\n"
        case .assignment(let alphabet, let length):
            secret = random(alphabet, max(length.lowerBound, min(length.upperBound, 24)), &generator)
            text = "{ \(word): \"\(secret)\" }\n"
        case .word(let length):
            secret = random(.alphanumeric, max(12, length.lowerBound), &generator)
            text = "machine x login y \(word) \(secret)\n"
        case .line:
            secret = "2: " + random(.alphanumeric, 20, &generator)
            text = word + secret + "\n"
        case .lastField:
            secret = random(.alphanumeric, 16, &generator)
            text = "localhost:5432:db:user:\(secret)\n"
        case .privateKey:
            secret = random(.base64, 64, &generator)
            text = "-----BEGIN RSA \(word)\n\(secret)\n\(random(.base64, 64, &generator))\n-----END RSA \(word)\n"
        case .urlPassword:
            secret = random(.alphanumeric, 12, &generator)
            text = "url = \(word)user:\(secret)@host/db\n"
        case .jsonWebToken:
            let parts = [30, 40, 43].map { random(.alphanumeric, $0, &generator) }
            secret = "\(word)\(parts[0]).eyJ\(parts[1]).\(parts[2])"
            text = "Bearer \(secret)\n"
        }
        return (path, "first line\n" + text, secret)
    }

    private static func find(_ text: String, _ path: String) -> [LayerSecrets.Finding] {
        LayerSecrets.findings(in: Array(text.utf8), path: path, .standard)
    }

    @Test("every rule finds each of its words, at its line, and shows four characters at most", arguments: SecretRule.all.map(\.id))
    func good(_ id: String) throws {
        let rule = try #require(SecretRule.all.first { $0.id == id })
        var generator = SeededGenerator(seed: 0x9e37_79b9_7f4a_7c15)
        for word in rule.words {
            let (path, text, secret) = Self.sample(rule, word, &generator)
            let found = Self.find(text, path)
            #expect(found.map(\.rule) == [id], "\(word) at \(path)")
            #expect(found.first?.line == 2)
            let shown = found.map { "\($0.sample)" }.joined()
            #expect(!shown.contains(secret.prefix(5)) || secret.count < 5)
        }
    }

    @Test("no rule finds a placeholder, or its word alone", arguments: SecretRule.all.map(\.id)) func bad(_ id: String) throws {
        let rule = try #require(SecretRule.all.first { $0.id == id })
        for word in rule.words {
            let path = rule.paths.first ?? "app/settings"
            for text in [word, "\(word)\n", "\(word)=changeme\n", "\(word)=${PASSWORD}\n", "\(word)xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"] {
                #expect(!Self.find(text, path).map(\.rule).contains(id), "\(text) at \(path)")
            }
        }
    }

    @Test("identifiers are unique, and there are about forty") func identifiers() {
        #expect(Set(SecretRule.all.map(\.id)).count == SecretRule.all.count)
        #expect(SecretRule.all.count >= 40)
    }

    @Test("words are found wherever they overlap, in any case") func words() {
        let search = KeywordSearch(["he", "she", "hers", "his"])
        var found: [String] = []
        Array("uSHErs his".utf8).withUnsafeBufferPointer { search.forEachMatch(in: $0) { found.append("\($0)@\($1)") } }
        #expect(Set(found) == ["1@4", "0@4", "2@6", "3@10"])
    }

    @Test("random bytes never trap", arguments: 0..<20) func random(_ seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed) &+ 77)
        let words = SecretRule.all.flatMap(\.words)
        var bytes: [UInt8] = []
        for _ in 0..<200 {
            bytes += (words.randomElement(using: &generator) ?? "").utf8
            bytes += (0..<Int.random(in: 0...80, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
        for path in ["", ".pgpass", ".netrc", "etc/shadow"] { _ = LayerSecrets.findings(in: bytes, path: path, .standard) }
    }

    @Test("a secret that a later layer deletes, and those of configuration and history, stand against an image") func image() throws {
        let root = "/tmp/ingot-gates-\(getpid())-\(UInt64.random(in: .min ... .max))"
        defer { try? FileManager.default.removeItem(atPath: root) }
        let store = try ImageStore(root: FilePath(root))
        defer { try? store.unmountAll() }
        var generator = SeededGenerator(seed: 99)
        let token = "ghp_" + Self.random(.alphanumeric, 36, &generator)
        var lower = FileTree()
        try lower.insert(.regular(FileContent(text: "a\ntoken: \(token)\n"), FileMetadata(mode: 0o600)), at: TreePath("root/token"))
        var upper = FileTree()
        try upper.insert(.whiteout, at: TreePath("root/token"))
        var configuration = ImageConfiguration()
        configuration.config.environment = ["TOKEN=\(token)"]
        configuration.history = [.init(createdBy: "RUN echo \(token) > /root/token"), .init(createdBy: "RUN rm /root/token")]
        let image = try store.addImage(configuration, layers: [store.addLayer(lower), store.addLayer(upper)])
        let report = try SecretScan.of(image, in: store)
        #expect(report.findings.map(\.place.path) == ["/root/token", "environment TOKEN", "history 1"])
        #expect(report.findings[0].hiddenBy == image.layers[1].diffID)
        #expect(report.findings[0].instruction?.hasPrefix("RUN echo ghp_…") == true)
        let verdict = report.verdict(at: .test)
        #expect(verdict.objections.count == 3)
        // Nothing that is said, stored or sent holds it.
        let all = try String(decoding: JSONEncoder().encode(report), as: UTF8.self) + verdict.objections.map(\.message).joined()
        #expect(!all.contains(token.dropFirst(5)))
        #expect(try SecretScan.of(image, in: store) == report)

        let exceptions = ["/root/*", "environment TOKEN", "history 1"].map {
            SecretException(id: "github-token", path: $0, reason: "revoked", until: CalendarDate(text: "2026-12-31")!)
        }
        #expect(report.judged(by: exceptions, at: Timestamp(text: "2026-12-31T23:59:59Z")!).passes)
        let late = report.judged(by: exceptions, at: Timestamp(text: "2027-01-01T00:00:00Z")!)
        #expect(!late.passes)
        #expect(late.notices.count == 3)
    }
}
