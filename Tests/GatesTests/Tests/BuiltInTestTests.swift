import IngotModel
import NIOCore
import NIOPosix
import SystemPackage
import Testing

@testable import Gates

@Suite("Tests of Ingot's own")
struct BuiltInTestTests {
    // MARK: Statelessness

    private func stateless(_ script: String, _ bench: FakeBench) async throws -> TestOutcome {
        let outcome = try await StatelessnessTest(CommandTest(command: ["sh", "-c", script], folder: "/", deadline: .minutes(1))).run(on: bench)
        #expect(bench.allEnded)
        return outcome
    }

    @Test("a command runs against an instance and against a fresh one; what the first wrote is on record")
    func statelessPasses() async throws {
        var script = FakeBench.Script()
        script.writes = WriteRecord(paths: [
            WriteRecord.Path(path: "/app/a.db", place: .root, kind: .file, bytes: 3, moments: [.start]),
            WriteRecord.Path(path: "/tmp/b", place: .writable, kind: .file, bytes: 3, moments: [.service]),
        ])
        let bench = FakeBench(script)
        let outcome = try await stateless("echo round $INGOT_ROUND", bench)
        #expect(outcome.passed && bench.started == [true, false])
        #expect(outcome.details?.writes == script.writes)
        #expect(outcome.output == "against instance 1:\nround 1\n\nagainst instance 2:\nround 2\n")
        #expect(outcome.ending.hasSuffix("it wrote 1 paths where it may and tried 1 where a release can't (/app/a.db)"))
    }

    @Test("one that fails only against the fresh instance has state there, and is told so")
    func stateful() async throws {
        let outcome = try await stateless("test $INGOT_ROUND = 1", FakeBench())
        #expect(!outcome.passed)
        #expect(outcome.ending.hasPrefix("it passed, and failed after the instance was replaced by a fresh one: exit code 1"))
        #expect(outcome.remedy?.contains("outside of it") == true)
    }

    @Test("one that fails at once needs no second instance")
    func brokenAnyway() async throws {
        let bench = FakeBench()
        let outcome = try await stateless("exit 7", bench)
        #expect(outcome.ending == "it failed before the instance was replaced: exit code 7")
        #expect(bench.started == [true])
    }

    @Test("an instance that ends during it fails it", arguments: [1, 2])
    func instanceEnded(number: Int) async throws {
        let ending = InstanceEnding(words: "exit code 9", wasKilled: false, endedAt: Timestamp(millisecondsSince1970: 0))
        let outcome = try await stateless("true", FakeBench(FakeBench.Script(endings: [number: ending])))
        #expect(!outcome.passed && outcome.ending.contains("the instance ended during it (exit code 9)"))
    }

    // MARK: Readiness

    private static func readiness(_ path: String?) -> Readiness {
        Readiness(path: path, startInterval: 5, interval: 1_000, timeout: 500, rise: 2, fall: 3)
    }

    @Test("a check that sees a hanging service and its end passes")
    func readinessPasses() async throws {
        let bench = FakeBench()
        let outcome = try await ReadinessTest(Self.readiness("/")).run(on: bench, stopGrace: 100)
        #expect(outcome.passed && bench.allEnded, "\(outcome)")
        #expect(outcome.details?.readiness?.whileFrozen == "no answer")
    }

    @Test(
        "a check that does not see it fails, with what to do", arguments: [(String?.none, "a TCP connection"), ("/", "something else answers")])
    func readinessBlind(path: String?, says: String) async throws {
        let outcome = try await ReadinessTest(Self.readiness(path)).run(on: FakeBench(FakeBench.Script(frozen: nil)), stopGrace: 100)
        #expect(!outcome.passed && outcome.ending.contains(says) && outcome.remedy != nil)
    }

    @Test("one that is ready after its end fails")
    func readyAfterEnd() async throws {
        let outcome = try await ReadinessTest(Self.readiness("/")).run(on: FakeBench(FakeBench.Script(ended: nil)), stopGrace: 100)
        #expect(!outcome.passed && outcome.ending.hasPrefix("it still counts as ready after"))
    }

    // MARK: Graceful stop

    @Test(
        "the request's fate and the way it ended decide",
        arguments: [
            (StopRecord(request: "GET /", fate: .answered, status: 200, exitTook: 312, ending: "exit code 0"), true, "ended after 312ms"),
            (StopRecord(request: "GET /", fate: .answered, status: 503, exitTook: 312, ending: "exit code 0"), false, "answered (503)"),
            (StopRecord(request: "GET /", fate: .cut, exitTook: 3, ending: "ended by SIGTERM"), false, "was cut; it ended after 3ms"),
            (StopRecord(request: "GET /", fate: .unanswered, exitTook: 900, ending: "exit code 0"), false, "got no answer"),
            (StopRecord(request: "GET /", fate: .refused), false, "accepted no connection"),
            (StopRecord(request: "GET /", fate: .answered, status: 200), false, "it did not end"),
            (
                StopRecord(request: "GET /", fate: .cut, exitTook: 4, ending: "ended by SIGKILL", wasKilled: true), false,
                "no process of it listens to the stop signal"
            ),
            (
                StopRecord(request: "GET /", fate: .answered, status: 200, exitTook: 1_004, ending: "ended by SIGKILL", wasKilled: true), false,
                "it did not end in its grace of 1s"
            ),
        ])
    func stopVerdict(record: StopRecord, passes: Bool, says: String) {
        let verdict = GracefulStopTest.verdict(on: record, wasEarly: false, grace: .seconds(1))
        #expect(verdict.passed == passes)
        #expect(verdict.ending.contains(says), "\(verdict.ending)")
        #expect(passes || verdict.remedy != nil)
    }

    @Test("an answer that came before shows nothing")
    func early() {
        let record = StopRecord(request: "GET /", fate: .answered, status: 200, exitTook: 3, ending: "exit code 0")
        #expect(!GracefulStopTest.verdict(on: record, wasEarly: true, grace: .seconds(1)).passed)
    }

    @Test("a half-sent request is seen answered, cut, and refused", arguments: [StopRecord.Fate.answered, .cut, .refused])
    func underWay(fate: StopRecord.Fate) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(TinyServer(answers: fate == .answered)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        if fate == .refused { try await server.close() }
        let test = GracefulStopTest(request: nil, stopGrace: .seconds(5))
        let bench = FakeBench(FakeBench.Script(url: "http://127.0.0.1:\(port)"))
        let outcome = try await test.run(on: bench)
        #expect(outcome.details?.stop?.fate == fate, "\(outcome)")
        #expect(outcome.passed == (fate == .answered) && bench.allEnded)
        if fate == .answered { #expect(outcome.details?.stop?.exitTook == 250) }
        try? await server.close()
    }

    @Test(
        "an answer is whole when all of it has come",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true, false), ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", false, true),
            ("HTTP/1.1 204 No\r\ncontent-length: 0\r\n\r\n", true, false), ("HTTP/1.0 200 OK\r\n\r\nok", true, true),
            ("HTTP/1.0 200 OK\r\n\r\nok", false, false), ("HTTP/1.1 200 OK\r\n", false, true), ("", false, true),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", true, false),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", false, true),
        ])
    func whole(text: String, isWhole: Bool, hasEnded: Bool) {
        for size in [1, 7, 1_000] {
            var reading = AnswerReading()
            let bytes = Array(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: size) { reading.append(bytes[start..<min(start + size, bytes.count)]) }
            if hasEnded { reading.end() }
            #expect(reading.isWhole == isWhole, "in pieces of \(size)")
        }
    }
}

/// Answers once the head is whole, or closes the connection then.
private final class TinyServer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let answers: Bool
    private var head = ""
    init(answers: Bool) { self.answers = answers }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        head += String(buffer: unwrapInboundIn(data))
        guard head.hasSuffix("\r\n\r\n") else { return }
        if answers { context.write(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")), promise: nil) }
        context.flush()
        context.close(promise: nil)
    }
}
