import IngotModel
import Testing

@testable import Lint

@Suite("Rules over what instances did") struct InstanceRulesTests {
    private typealias Path = WriteRecord.Path

    private static func subject(_ change: (inout InstanceSubject) -> Void) throws -> InstanceSubject {
        var subject = InstanceSubject(image: try #require(Digest(hex: String(repeating: "a", count: 64))))
        subject.writes = WriteRecord(
            paths: [
                Path(path: "/tmp/cache", place: .writable, kind: .file, bytes: 1, moments: [.service]),
                Path(path: "/run/app", place: .root, kind: .folder, bytes: 0, moments: [.start]),
            ], programs: [.init(command: "python3 /app/server.py", moment: .start), .init(command: "bash /app/git-notes.sh", moment: .start)])
        subject.stop = StopRecord(request: "GET /", fate: .answered, status: 200, exitTook: 120, ending: "exit code 0")
        subject.readiness = ReadinessRecord(whileFrozen: "timeout", frozenAnswerTook: 2_000, recoveryTook: 5, afterEnd: "refused")
        change(&subject)
        return subject
    }

    private static func wrote(_ path: String, _ place: Path.Place, _ moments: [WriteRecord.Moment]) -> (inout InstanceSubject) -> Void {
        { $0.writes?.paths.append(Path(path: path, place: place, kind: .file, bytes: 10, moments: moments)) }
    }

    private static func ran(_ command: String, _ moment: WriteRecord.Moment) -> (inout InstanceSubject) -> Void {
        { $0.writes?.programs.append(.init(command: command, moment: moment)) }
    }

    @Test("an instance that behaves has nothing to be said of") func good() throws {
        #expect(try Self.subject { _ in }.findings() == [])
        #expect(InstanceSubject(image: try Self.subject { _ in }.image).findings() == [])
    }

    @Test("of each kind of record the last counts") func joined() throws {
        let (first, second) = (StopRecord(request: "GET /a", fate: .cut), StopRecord(request: "GET /b", fate: .refused))
        let digest = try Self.subject { _ in }.image
        let subject = InstanceSubject(
            image: digest, details: [TestDetails(stop: first), TestDetails(stop: second), TestDetails(writes: WriteRecord(omittedPaths: 1))])
        #expect(subject.stop == second)
        #expect(subject.writes?.omittedPaths == 1)
        #expect(subject.readiness == nil)
    }

    @Test("what was seen breaks its rule, and no other") func bad() throws {
        let examples: [(String, String, (inout InstanceSubject) -> Void)] = [
            ("ING-R001", "before it was ready", Self.ran("/usr/bin/python3 /usr/local/bin/pip", .start)),
            ("ING-R001", "while it served", Self.ran("/usr/bin/apt-get update", .service)),
            ("ING-R001", "curl", Self.ran("curl https://example.com", .start)),
            ("ING-R002", "/app/__pycache__/a.pyc", Self.wrote("/app/__pycache__/a.pyc", .root, [.start])),
            ("ING-R003", "/app/uploads/1.png", Self.wrote("/app/uploads/1.png", .root, [.service])),
            ("ING-R003", "/tmp/book.sqlite3", Self.wrote("/tmp/book.sqlite3", .writable, [.start, .service])),
            ("ING-R003", "/var/lib/app/x", Self.wrote("/var/lib/app/x", .root, [.start])),
            ("ING-R004", "/tmp/app.log", Self.wrote("/tmp/app.log", .writable, [.service])),
            ("ING-R004", "/var/log/nginx/access", Self.wrote("/var/log/nginx/access", .root, [.start])),
            ("ING-R005", "7 or more", { $0.writes?.omittedPaths = 7 }),
            ("ING-R006", "was cut", { $0.stop?.fate = .cut }),
            (
                "ING-R007", "killed after 10s",
                {
                    $0.stop?.wasKilled = true; $0.stop?.exitTook = .seconds(10)
                }
            ),
            ("ING-R007", "did not end", { $0.stop?.exitTook = nil }),
            ("ING-R008", "stood still", { $0.readiness?.whileFrozen = nil }),
            ("ING-R008", "had ended", { $0.readiness?.afterEnd = nil }),
            ("ING-R009", "not ready again", { $0.readiness?.recoveryTook = nil }),
        ]
        for (rule, words, change) in examples {
            let findings = try Self.subject(change).findings()
            #expect(findings.map(\.rule) == [rule], "\(words): \(findings)")
            #expect(findings.first?.message.contains(words) == true, "\(findings)")
        }
        #expect(Set(examples.map(\.0)) == Set(InstanceRules.all.map(\.rule.id)))
    }

    @Test(
        "what brings something into the instance does so by a verb, or from elsewhere",
        arguments: [
            "npm install", "npm ci", "/usr/local/bin/npm i x", "node /usr/bin/npm install", "python3 /usr/bin/pip", "python3 -m pip install",
            "python3.11 /usr/bin/pip3 install", "bundle install", "bundle", "yarn", "yarn add", "apk add curl", "apt-get -y", "git clone x",
            "git pull", "curl https://example.com", "curl -fsS", "wget http://localhost.example.com/a", "curl http://localhost@example.com/",
            "curl http://127.0.0.1.example.com", "dpkg -i", "puppet agent",
        ])
    func changing(command: String) { #expect(LaunchCommand(command).changesInstance) }

    @Test(
        "what starts, asks or looks brings nothing",
        arguments: [
            "npm start", "npm run update", "node /usr/bin/npm start", "yarn start", "bundle exec puma", "git status", "git -C", "git", "pip list",
            "python3 -m pip list", "npm --version", "cargo run", "curl http://localhost:8080/health", "curl localhost:8080", "npm", "",
            "wget http://127.0.0.1/ready", "curl http://[::1]:80/", "curl -f http://localhost/up", "python3 /app/server.py", "bash -c",
            "sh /app/install",
        ])
    func harmless(command: String) { #expect(!LaunchCommand(command).changesInstance) }
}
