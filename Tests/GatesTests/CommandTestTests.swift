import IngotModel
import SystemPackage
import Testing

@testable import Gates

@Suite struct CommandTestTests {
    private func run(_ command: [String], deadline: Milliseconds = .minutes(2)) async throws -> TestOutcome {
        try await CommandTest(command: command, folder: "/", deadline: deadline).run(against: "http://127.0.0.1:1")
    }

    @Test("a command that ends with 0 passes, and is told the address")
    func passes() async throws {
        let outcome = try await run(["sh", "-c", "echo to $INGOT_URL; echo from $PWD >&2"])
        #expect(outcome.passed)
        #expect(outcome.ending == "exit code 0")
        #expect(outcome.output == "to http://127.0.0.1:1\nfrom /\n")
    }

    @Test("any other end fails", arguments: [("exit 7", "exit code 7"), ("kill -9 $$", "killed by signal 9")])
    func fails(script: String, ending: String) async throws {
        let outcome = try await run(["sh", "-c", "echo before; \(script)"])
        #expect(!outcome.passed)
        #expect(outcome.ending == ending)
        #expect(outcome.output == "before\n")
    }

    @Test("what takes too long is killed, with all it started, and its output is kept")
    func late() async throws {
        let outcome = try await run(["sh", "-c", "echo $$; sleep 600 & sleep 600"], deadline: 5_000)
        #expect(!outcome.passed)
        #expect(outcome.ending == "killed: it took longer than 5s")
        #expect(Int(outcome.output.dropLast()) != nil)
    }

    @Test("a command that does not exist is an error that says so", arguments: ["no-such-command-at-all", "./no-such-file"])
    func missing(command: String) async throws {
        let error = try await #require(throws: GateError.self) { try await run([command]) }
        #expect(error.code == "gates.command-not-started")
        #expect(error.fault == .user)
        #expect(error.message.contains(command))
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
