import Foundation
import IngotModel
import Simulation
import Synchronization
import Testing

@testable import ControlPlane

// Foundation has one too.
private typealias Measurement = IngotModel.Measurement

@Suite("Metrics of a release")
struct MeasurementRunnerTests {
    private static let subject = MetricSubject(environment: production, release: ReleaseNumber(7))

    private func check(
        _ source: MetricCheck.Source, least: Double? = nil, most: Double? = nil, interval: Milliseconds = .seconds(30),
        deadline: Milliseconds = .minutes(2)
    ) -> MetricCheck {
        MetricCheck(name: "m", source: source, least: least, most: most, interval: interval, deadline: deadline, badInRow: 2, errorsInRow: 4)
    }

    private func take(_ source: MetricCheck.Source, most: Double? = nil, deadline: Milliseconds = .minutes(2)) async -> MetricReading {
        await MetricReading.take(check(source, most: most, deadline: deadline), of: Self.subject)
    }

    // MARK: Pure

    @Test(
        "the last line of an output is the number",
        arguments: [
            ("0.05", .number(0.05)), ("  1e3 \n\n", .number(1_000)), ("checking\n-7\n", .number(-7)),
            ("", .nothing("no number: the output is empty")),
            ("7 of 9", .nothing("no number: '7 of 9'")), ("NaN", .nothing("no number: 'NaN'")), ("+Inf", .nothing("no number: '+Inf'")),
        ] as [(String, MetricReading)])
    func lastLine(text: String, reading: MetricReading) { #expect(MetricReading.number(in: text) == reading) }

    @Test(
        "an answer of Prometheus is one number, or says why it is none",
        arguments: [
            (#"{"status":"success","data":{"resultType":"scalar","result":[1.5,"0.05"]}}"#, .number(0.05)),
            (#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1435781451.781,"12"]}]}}"#, .number(12)),
            (#"{"status":"success","data":{"resultType":"vector","result":[]}}"#, .nothing("no number: the query finds nothing")),
            (
                #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]},{"metric":{},"value":[1,"2"]}]}}"#,
                .nothing("2 numbers: the query must give one")
            ),
            (#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"NaN"]}]}}"#, .nothing("no number: NaN")),
            (#"{"status":"success","data":{"resultType":"scalar","result":[1,"+Inf"]}}"#, .nothing("no number: +Inf")),
            (
                #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[]}]}}"#,
                .nothing("no number: the query finds nothing")
            ),
            (#"{"status":"error","errorType":"bad_data","error":"parse error"}"#, .nothing("Prometheus: parse error")),
            ("<html>", .nothing("status 200 with an answer that is not Prometheus's")),
        ] as [(String, MetricReading)])
    func prometheusAnswer(json: String, reading: MetricReading) { #expect(MetricReading.prometheus(Array(json.utf8), status: 200) == reading) }

    @Test("bad ones in a row and empty ones in a row are counted apart")
    func counting() {
        let check = check(.http("http://x"), most: 1)
        let readings: [MetricReading] = [.number(0), .number(2), .nothing("x"), .nothing("y"), .failed("z"), .number(1), .number(3), .passed]
        var measurements: [Measurement] = []
        for reading in readings { measurements.append(check.measurement(reading, after: measurements.last, at: Timestamp(secondsSince1970: 1))) }
        #expect(measurements.map(\.badInRow) == [0, 1, 1, 1, 2, 0, 1, 0])
        #expect(measurements.map(\.errorsInRow) == [0, 0, 1, 2, 0, 0, 0, 0])
        #expect(measurements.map(\.count) == Array(1...8))
        #expect(measurements.map(\.value) == [0, 2, nil, nil, nil, 1, 3, nil])
        #expect(measurements.map(\.error) == [nil, nil, "x", "y", "z", nil, nil, nil])
    }

    // MARK: Commands and HTTP

    @Test("a command's exit code and last line are its reading")
    func command() async {
        func shell(_ script: String) -> MetricCheck.Source { .command(["sh", "-c", script]) }
        #expect(await take(shell("echo noise >&2; echo $INGOT_RELEASE"), most: 1) == .number(7))
        #expect(await take(shell("echo anything")) == .passed)
        #expect(await take(shell("echo why; exit 2")) == .failed("exit code 2: why"))
        #expect(await take(shell("exit 2")) == .failed("exit code 2"))
        #expect(await take(shell("sleep 600"), deadline: 1_000) == .nothing("killed: it took longer than 1s"))
        guard case .nothing(let why) = await take(.command(["/no/such/check"])) else { Issue.record("it can't run"); return }
        #expect(why.contains("/no/such/check"))
    }

    @Test("an HTTP answer is its reading, and no answer is none")
    func http() async throws {
        try await TestServer.with { request in
            switch request.path {
            case "/number/shop/production/7": TestServer.Answer(body: "0.5\n")
            case "/bad": TestServer.Answer(status: 500, body: "1")
            default: TestServer.Answer(body: "fine")
            }
        } _: { _, port in
            let base = "http://127.0.0.1:\(port)"
            #expect(await take(.http("\(base)/number/{{service}}/{{environment}}/{{release}}"), most: 1) == .number(0.5))
            #expect(await take(.http("\(base)/fine")) == .passed)
            #expect(await take(.http("\(base)/fine"), most: 1) == .nothing("no number: 'fine'"))
            #expect(await take(.http("\(base)/bad"), most: 1) == .failed("status 500"))
        }
        guard case .nothing = await take(.http("http://127.0.0.1:1/")) else { Issue.record("nobody listens there"); return }
    }

    @Test("Prometheus is asked with the release filled in")
    func prometheusQuery() async throws {
        try await TestServer.with { _ in
            TestServer.Answer(body: #"{"status":"success","data":{"resultType":"scalar","result":[1,"3"]}}"#)
        } _: { server, port in
            let query = "sum(rate(x{release=\"{{release}}\"}[1m])) + 1"
            #expect(await take(.prometheus(address: "http://127.0.0.1:\(port)/base/", query: query), most: 5) == .number(3))
            #expect(
                server.requests.map(\.path)
                    == ["/base/api/v1/query?query=sum%28rate%28x%7Brelease%3D%227%22%7D%5B1m%5D%29%29%20%2B%201"])
        }
    }

    // MARK: The runner

    @Test("each metric is measured at its interval, counted on from what is known, and left alone when it is not wanted")
    func intervals() async throws {
        let clock = SimulatedClock()
        let answers = Mutex(0)
        try await TestServer.with { _ in
            answers.withLock { $0 += 1 }
            return TestServer.Answer(body: "2")
        } _: { server, port in
            let check = check(.http("http://127.0.0.1:\(port)/"), most: 1)
            let wanted = MeasuredRelease(rollout: Generation(3), subject: Self.subject, checks: [check])
            let runner = MeasurementRunner(clock: WallClock(clock), logger: quiet) {}
            let known = Measurement(check: "m", at: clock.now, value: 2, badInRow: 1, errorsInRow: 0, count: 5)
            await runner.keep(wanted, resuming: [known])
            #expect(await runner.measurements == [known])
            await runner.keep(wanted)
            try await advancing(clock, "the next one is taken") { await runner.measurements.first?.count == 6 }
            #expect(await runner.measurements.first?.badInRow == 2)
            #expect((await runner.measurements.first?.at ?? clock.now) - known.at >= .seconds(30))
            var other = wanted
            other.rollout = Generation(4)
            await runner.keep(other)
            try await advancing(clock, "it begins anew") { await runner.measurements.first?.count == 2 }
            await runner.keep(nil)
            #expect(await runner.measurements.isEmpty)
            await runner.stop()
            #expect(server.requests.count == answers.withLock { $0 })
        }
    }

    private func advancing(_ clock: SimulatedClock, _ what: Comment, _ condition: () async throws -> Bool) async throws {
        try await eventually(nil, within: patience, what) {
            clock.advance(by: 1_000)
            return try await condition()
        }
    }

    // MARK: The real Prometheus

    @Test("a real Prometheus is asked, and its errors are told", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/prometheus")))
    func realPrometheus() async throws {
        let folder = try TemporaryFolder()
        let port = try FreePort.find()
        try "scrape_configs: [{ job_name: self, scrape_interval: 1s, static_configs: [{ targets: ['127.0.0.1:\(port)'] }] }]\n"
            .write(toFile: "\(folder.path)/prometheus.yml", atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/prometheus")
        process.arguments = [
            "--config.file=\(folder.path)/prometheus.yml", "--storage.tsdb.path=\(folder.path)/data", "--web.listen-address=127.0.0.1:\(port)",
        ]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        func ask(_ query: String) async -> MetricReading {
            await take(.prometheus(address: "http://127.0.0.1:\(port)", query: query), most: 1)
        }
        try await eventually(nil, within: patience, "it has scraped itself") { await ask("up{job=\"self\"}") == .number(1) }
        #expect(await ask("scalar(vector({{release}}))") == .number(7))
        #expect(await ask("no_such_metric") == .nothing("no number: the query finds nothing"))
        #expect(await ask("vector(0) / vector(0)") == .nothing("no number: NaN"))
        #expect(await ask("vector(1) / vector(0)") == .nothing("no number: +Inf"))
        guard case .nothing(let several) = await ask("{job=\"self\"}") else { Issue.record("many numbers"); return }
        #expect(several.hasSuffix("numbers: the query must give one"))
        guard case .nothing(let wrong) = await ask("sum(") else { Issue.record("not a query"); return }
        #expect(wrong.contains("parse error"))
    }
}
