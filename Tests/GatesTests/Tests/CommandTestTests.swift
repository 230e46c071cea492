import IngotModel
import SystemPackage
import Testing

@testable import Gates

@Suite struct CommandTestTests {
    private func run(
        _ command: [String], deadline: Milliseconds = .minutes(2), in folder: FilePath = "/", report: String? = nil, on bench: FakeBench = FakeBench()
    ) async throws -> TestOutcome {
        let outcome = try await CommandTest(command: command, folder: folder, deadline: deadline, report: report).run(on: bench)
        #expect(bench.allEnded && bench.started == [false])
        return outcome
    }

    @Test("a command that ends with 0 passes, and is told the address, and that of what it needs")
    func passes() async throws {
        let outcome = try await run(["sh", "-c", "echo to $INGOT_URL and $INGOT_REDIS_ADDRESS; echo from $PWD >&2"])
        #expect(outcome.passed)
        #expect(outcome.ending == "exit code 0")
        #expect(outcome.output == "to http://127.0.0.1:1 and 10.0.0.1:6379\nfrom /\n")
    }

    @Test("any other end fails", arguments: [("exit 7", "exit code 7"), ("kill -9 $$", "killed by signal 9")])
    func fails(script: String, ending: String) async throws {
        let outcome = try await run(["sh", "-c", "echo before; \(script)"])
        #expect(!outcome.passed)
        #expect(outcome.ending == ending)
        #expect(outcome.output == "before\n")
    }

    @Test("a test whose instance has ended fails, whatever its command says")
    func instanceEnded() async throws {
        let ending = InstanceEnding(words: "ended by SIGKILL", wasKilled: true, endedAt: Timestamp(millisecondsSince1970: 0))
        let outcome = try await run(["true"], on: FakeBench(FakeBench.Script(endings: [1: ending])))
        #expect(!outcome.passed)
        #expect(outcome.ending == "the instance ended during the test (ended by SIGKILL); the command: exit code 0")
    }

    private static let report =
        "<testsuite><testcase classname='c' name='good'/><testcase classname='c' name='bad'><failure message='1 is not 2'/></testcase></testsuite>"

    @Test("failed cases of a report fail a test whose command ends with 0, and are named")
    func report() async throws {
        let folder = TestFolder()
        let outcome = try await run(["sh", "-c", "echo \"\(Self.report)\" > r.xml"], in: folder.path, report: "r*.xml")
        #expect(!outcome.passed)
        #expect(outcome.ending == "2 cases, 1 failed, 0 skipped; exit code 0")
        #expect(outcome.details?.cases?.failures == [TestCases.Failure(name: "c.bad", message: "1 is not 2")])
    }

    @Test("a report of nothing but skipped cases fails the test")
    func skipped() async throws {
        let folder = TestFolder()
        let report = "<testsuite skipped='1'><testcase name='a'><skipped/></testcase></testsuite>"
        let outcome = try await run(["sh", "-c", "echo \"\(report)\" > r.xml"], in: folder.path, report: "r.xml")
        #expect(!outcome.passed)
        #expect(outcome.ending == "no case passed: 1 cases, 0 failed, 1 skipped; exit code 0")
        #expect(outcome.remedy != nil)
    }

    @Test(
        "a report that is missing, old, empty, no file or no report fails the test",
        arguments: [
            ("true", "it wrote no report 'r*.xml'"), ("true # old", "is of an earlier run"),
            ("echo '<testsuite/>' > r.xml", "has no test case in it"), ("mkfifo r.xml", "is no file"),
            ("echo '<html/>' > r.xml", "it begins with <html>"), ("echo '<testsuite>' > r.xml", "line 2: no element found"),
        ])
    func noReport(script: String, says: String) async throws {
        let folder = TestFolder()
        if script.hasSuffix("old") { try folder.write("r.xml", Self.report) }
        let outcome = try await run(["sh", "-c", script], in: folder.path, report: "r*.xml")
        #expect(!outcome.passed)
        #expect(outcome.ending.contains(says), "\(outcome.ending)")
    }

    @Test("a command that does not exist is an error that says so", arguments: ["no-such-command-at-all", "./no-such-file"])
    func missing(command: String) async throws {
        let error = try await #require(throws: GateError.self) { try await run([command]) }
        #expect(error.code == "gates.command-not-started")
        #expect(error.fault == .user)
        #expect(error.message.contains(command))
    }
}
