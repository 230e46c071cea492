import Gates
import ImageBuild
import ImageStore
import IngotModel
import Manifest
import Testing

@testable import Lint

/// An image that breaks a rule, built for real.
struct ImageExample: Sendable, CustomTestStringConvertible {
    let rule: String
    var lines = "COPY app /app"
    var files: [String: String] = ["app": "app"]
    var ending = "USER 10001:10001\nENTRYPOINT [\"/app\"]"
    var revision = ImageFixture.commit
    /// What is known beside the image.
    var change: @Sendable (inout ImageSubject) -> Void = { _ in }
    /// What the message has.
    var word = ""

    var testDescription: String { rule }
    var dockerfile: String { "FROM scratch\n\(lines)\n\(ending)\n" }

    private static func megabytes(_ count: Int, _ letter: Character) -> String { String(repeating: letter, count: count << 20) }

    /// Made when the test runs: what looks like a secret has no place in a repository.
    private static var token: String {
        let letters = Array("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")
        return "ghp_" + String((0..<36).map { _ in letters.randomElement() ?? "a" })
    }

    static let all: [ImageExample] = [
        ImageExample(rule: "ING-I001", change: { $0.image.layers[0].mountableSize = .mebibytes(501) }, word: "501 MiB"),
        ImageExample(
            rule: "ING-I002", lines: "COPY large /data\nCOPY app /data", files: ["large": megabytes(6, "a"), "app": "app"], word: "6 MiB of 6 MiB"),
        ImageExample(
            rule: "ING-I003", lines: "COPY --chmod=600 large /data\nCOPY --chmod=644 large /data", files: ["large": megabytes(2, "a")], word: "2 MiB"),
        ImageExample(rule: "ING-I004", lines: "COPY --chmod=755 app /usr/bin/x86_64-linux-gnu-gcc-12", word: "gcc-12"),
        ImageExample(
            rule: "ING-I005", lines: "COPY lists /var/lib/apt/lists/deb.example_dists_Packages", files: ["lists": megabytes(2, "b")], word: "1 files"),
        ImageExample(rule: "ING-I006", lines: "COPY wheel /root/.cache/pip/http/a/b", files: ["wheel": megabytes(2, "c")]),
        ImageExample(rule: "ING-I007", lines: "COPY head /app/.git/HEAD", files: ["head": "ref: refs/heads/main\n"], word: "version control"),
        ImageExample(rule: "ING-I008", lines: "COPY --chmod=755 app /usr/sbin/sshd"),
        ImageExample(rule: "ING-I009", lines: "COPY app /etc/ssh/ssh_host_ed25519_key\nCOPY app /root/.ssh/authorized_keys"),
        ImageExample(rule: "ING-I010", lines: "COPY settings /settings\nCOPY app /settings", files: ["settings": "token = \(token)\n", "app": "a"]),
        ImageExample(rule: "ING-I011", lines: "COPY --chmod=4755 app /usr/bin/su", word: "/usr/bin/su"),
        ImageExample(rule: "ING-I012", lines: "COPY --chmod=666 app /app", word: "/app"),
        ImageExample(rule: "ING-I015", revision: SourceRevision(commit: String(repeating: "c", count: 40), committedAtSecond: 1, isDirty: true)),
        ImageExample(rule: "ING-I016", revision: .none),
        ImageExample(
            rule: "ING-I017",
            change: { subject in
                subject.requiredTests = ["smoke"]
                subject.evidence = ImageEvidence(digest: subject.image.digest, isDirty: false, failedTests: ["smoke"])
            }, word: "'smoke' has failed"),
        ImageExample(rule: "ING-I018", ending: "ENTRYPOINT [\"/app\"]"),
        ImageExample(rule: "ING-I018", ending: "USER 0:0"),
        ImageExample(rule: "ING-I019", ending: "VOLUME /data\nUSER 1", word: "/data"),
        ImageExample(rule: "ING-I020", ending: "ENV APP_ENV=staging\nUSER 1", word: "APP_ENV=staging"),
        ImageExample(rule: "ING-I021", ending: "STOPSIGNAL SIGKILL\nUSER 1"),
        ImageExample(rule: "ING-I022", change: { $0.hasReadiness = nil }),
        ImageExample(
            rule: "ING-I024", lines: "COPY a/ /", files: ["a/var/lib/dpkg/status": "Package: a\nVersion: 1\n\nPackage\n"],
            change: { $0.unknowns = ["x"] }),
    ]

    func findings(in fixture: ImageFixture) async throws -> [LintFinding] {
        let image = try await fixture.build(dockerfile, files, revision: revision)
        var subject = try fixture.subject(image)
        subject.hasReadiness = true
        change(&subject)
        return subject.findings()
    }
}

@Suite("Rules over images") struct ImageRulesTests {
    @Test("a rule finds what its example has in it", arguments: ImageExample.all) func bad(_ example: ImageExample) async throws {
        try await ImageFixture.with { fixture in
            let findings = try await example.findings(in: fixture)
            let finding = try #require(findings.first { $0.rule == example.rule }, "\(findings.map(\.rule))")
            #expect(finding.message.contains(example.word))
            #expect(finding.place.image != nil)
        }
    }

    @Test("an image that breaks no rule has nothing to be said of") func good() async throws {
        try await ImageFixture.with { fixture in
            let example = ImageExample(
                rule: "",
                lines: "COPY --chmod=755 app /app\nCOPY app /etc/ssh/ssh_host_ed25519_key.pub\nCOPY app /usr/lib/gcc/gcc\nCOPY app /srv/.gitignore",
                change: { subject in
                    subject.requiredTests = ["smoke"]
                    subject.evidence = ImageEvidence(digest: subject.image.digest, isDirty: false, passedTests: ["smoke"])
                })
            let findings = try await example.findings(in: fixture)
            #expect(findings == [])
        }
    }

    @Test("a base that was renewed is told with what is newer in it, and an old one with its age") func staleBase() async throws {
        func status(_ version: String) -> [String: String] {
            [
                "status":
                    "Package: openssl\nStatus: install ok installed\nVersion: \(version)\n\nPackage: same\nStatus: install ok installed\nVersion: 1\n"
            ]
        }
        try await ImageFixture.with { fixture in
            let base = "FROM scratch\nCOPY status /var/lib/dpkg/status\nUSER 1\n"
            _ = try await fixture.build(base, status("3.0.9-1"), tag: "base")
            let image = try await fixture.build("FROM base\nCOPY app /app\n", ["app": "a"])
            let fresh = try fixture.subject(image).findings().map(\.rule)
            #expect(!fresh.contains("ING-I013") && !fresh.contains("ING-I014"))
            let later = Timestamp(millisecondsSince1970: ImageFixture.now.millisecondsSince1970 + 100 * 86_400_000)
            let old = try fixture.subject(image, now: later).findings()
            #expect(old.first { $0.rule == "ING-I013" }?.message.contains("101 days ago") == true)
            _ = try await fixture.build(base, status("3.0.10-1"), tag: "base")
            let moved = try fixture.subject(image).findings()
            #expect(moved.first { $0.rule == "ING-I014" }?.message.contains("openssl 3.0.9-1 → 3.0.10-1") == true)
            #expect(moved.first { $0.rule == "ING-I014" }?.message.contains("same") == false)
        }
    }

    @Test("a secret that ingot.yaml answers for is none, until its last day") func exceptedSecret() async throws {
        let text = "service: shop\nimage: { dockerfile: Dockerfile }\nrun: { port: 80 }\nenvironments: { dev: {} }\n"
        let specification = try #require(Manifest.parse(text, file: "ingot.yaml").value)
        let example = try #require(ImageExample.all.first { $0.rule == "ING-I010" })
        try await ImageFixture.with { fixture in
            let image = try await fixture.build(example.dockerfile, example.files)
            func rules(_ specification: ServiceSpecification, now: Timestamp = ImageFixture.now) throws -> [String] {
                var subject = try fixture.subject(image, now: now)
                subject.apply(specification)
                return subject.findings().map(\.rule)
            }
            #expect(try rules(specification).contains("ING-I010"))
            let until = try #require(CalendarDate(text: "2026-12-31"))
            var excepting = specification
            excepting.gates.secretExceptions = [SecretException(id: "github-token", path: "/settings", reason: "revoked", until: until)]
            #expect(try !rules(excepting).contains("ING-I010"))
            #expect(try rules(excepting, now: Timestamp(secondsSince1970: 1_830_000_000)).contains("ING-I010"))
        }
    }

    @Test("one commit that serves as two digests is a snowflake") func snowflakes() throws {
        func digest(_ letter: Character) throws -> Digest { try #require(Digest(hex: String(repeating: letter, count: 64))) }
        func name(_ text: String) throws -> EnvironmentName { try #require(EnvironmentName(text)) }
        let staging = PlacedImage(digest: try digest("a"), revision: "1234567890abcdef", environments: [try name("staging")])
        let production = PlacedImage(digest: try digest("b"), revision: "1234567890abcdef", environments: [try name("production")])
        let older = PlacedImage(digest: try digest("d"), revision: "fedcba", environments: [try name("dev")])
        let findings = SnowflakeRule.findings([staging, production, older])
        #expect(findings.map(\.message) == ["commit 1234567890ab is aaaaaaaaaaaa in staging, bbbbbbbbbbbb in production"])
        var same = production
        same.digest = staging.digest
        #expect(SnowflakeRule.findings([staging, same, older]) == [])
        var elsewhere = production
        elsewhere.environments = []
        #expect(SnowflakeRule.findings([staging, elsewhere]) == [])
    }

    @Test("every rule has an example") func complete() {
        let other = ["ING-I013", "ING-I014"]
        #expect(Set(ImageRules.all.map(\.rule.id)) == Set(ImageExample.all.map(\.rule) + other))
    }

    @Test("what is hidden by a folder that is made anew or gone is not in the image") func covered() {
        var configuration = ImageConfiguration()
        configuration.history = []
        let layers = ["1", "2"].compactMap { Digest(hex: String(repeating: $0, count: 64)) }.map {
            Layer(diffID: $0, blob: Descriptor(mediaType: "", digest: $0, size: 1), mountableSize: 1)
        }
        let image = Image(
            digest: layers[0].diffID, manifest: ImageManifest(config: layers[0].blob, layers: layers.map(\.blob)), configuration: configuration,
            layers: layers)
        var reader = ImageContentsReader(image)
        reader.add(Array("a".utf8), .folder(isOpaque: true))
        reader.add(Array("b".utf8), .whiteout)
        reader.endLayer()
        for path in ["a/.git/HEAD", "b/.git/HEAD", "c/.git/HEAD"] { reader.add(Array(path.utf8), .regular, size: 10) }
        reader.endLayer()
        let contents = reader.finished()
        #expect(contents.notable.map(\.path) == ["/c/.git/HEAD"])
        #expect(contents.layers[0].added == 30)
        #expect(contents.layers[0].hidden == 20)
        #expect(contents.layers[0].rewritten == 0)
    }
}
