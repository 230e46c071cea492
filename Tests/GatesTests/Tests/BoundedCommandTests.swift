import Glibc
import IngotModel
import SystemPackage
import Testing

@testable import Gates

/// Commands that do what no command should, and what becomes of them.
@Suite struct BoundedCommandTests {
    private func run(_ script: String, deadline: Milliseconds = .minutes(2)) async throws -> CommandOutcome {
        try await BoundedCommand(command: ["sh", "-c", script], folder: "/", deadline: deadline).run()
    }

    /// Whether a process is there and is no zombie that waits for its parent.
    private func runs(_ pid: pid_t) -> Bool {
        guard let stat = try? FileDescriptor.open(FilePath("/proc/\(pid)/stat"), .readOnly) else { return false }
        defer { try? stat.close() }
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = (try? bytes.withUnsafeMutableBytes { try stat.read(into: $0) }) ?? 0
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        return !text.isEmpty && !text.contains(") Z ")
    }

    @Test("one that hangs is killed at its deadline with all it started, and its output is kept")
    func late() async throws {
        let outcome = try await run("sleep 600 & echo $!; sleep 600", deadline: .seconds(2))
        #expect(!outcome.passed && outcome.isLate)
        #expect(outcome.ending == "killed: it took longer than 2s")
        #expect(!runs(try #require(pid_t(outcome.output.dropLast()))))
    }

    /// Whether it ends soon: what is no child of ours is gone a little after it was killed.
    private func ends(_ pid: pid_t) async throws -> Bool {
        for _ in 0..<1_000 {
            if !runs(pid) { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    @Test("one that kills or stops what watches over it ends all the same, and has not passed", arguments: ["KILL", "STOP"])
    func unwatched(signal: String) async throws {
        let outcome = try await run("echo $$; kill -\(signal) $PPID; exec sleep 600", deadline: .seconds(2))
        #expect(!outcome.passed)
        #expect(outcome.isLate == (signal == "STOP"))
        #expect(outcome.ending.hasPrefix("killed: "))
        #expect(try await ends(try #require(pid_t(outcome.output.dropLast()))))
    }

    @Test("what leaves its session and its parent is killed too, before and at the deadline", arguments: ["exit 0", "sleep 600"])
    func forkedAway(end: String) async throws {
        let folder = TestFolder()
        let file = folder.path.appending("pid")
        let away = "(setsid sh -c 'setsid sleep 600 >/dev/null 2>&1 & echo $!; echo $! > \(file)' &)"
        let outcome = try await run("\(away); until [ -s \(file) ]; do sleep 0.01; done; \(end)", deadline: .seconds(3))
        let pid = try #require(pid_t(outcome.output.filter(\.isNumber)))
        #expect(!runs(pid))
        #expect(outcome.passed == (end == "exit 0"))
        #expect(outcome.leftBehind == (end == "exit 0" ? 1 : 0))
        withExtendedLifetime(folder) {}
    }

    @Test("what holds its output open does not keep it from ending")
    func heldOutput() async throws {
        let outcome = try await run("echo first; sleep 600 & exit 3")
        #expect(outcome.ending == "exit code 3")
        #expect(outcome.output == "first\n")
        #expect(outcome.leftBehind == 1)
    }

    @Test("a flood of output is read to its end, and its end is kept")
    func flood() async throws {
        let outcome = try await run("head -c 40000000 /dev/zero | tr '\\0' 'x'; echo; echo done")
        #expect(outcome.passed)
        #expect(outcome.printed == ByteSize(40_000_006))
        #expect(outcome.output.utf8.count <= 65_600 && outcome.output.hasSuffix("done\n"))
        #expect(CommandTest.ending(of: outcome) == "exit code 0; it printed \(outcome.printed), of which the end is kept")
    }

    @Test("binary output becomes text")
    func binary() async throws {
        let outcome = try await run("printf '\\377\\000\\033[2Jok'")
        #expect(outcome.passed)
        #expect(outcome.output == "\u{FFFD}\0\u{1B}[2Jok")
    }

    @Test("cancelling kills it")
    func cancelled() async throws {
        let task = Task { try await run("sleep 600") }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("only the end of a long output is kept, from a whole line on")
    func tail() {
        var tail = OutputTail(limit: 10)
        for number in 1...100 { tail.append(Array("line \(number)\n".utf8)) }
        #expect(tail.text == "…\nline 100\n")
        var short = OutputTail(limit: 10)
        short.append(Array("whole\n".utf8))
        #expect(short.text == "whole\n")
    }
}
