import IngotModel
import Testing

@testable import Manifest

@Suite("Strategies, analysis and hooks in the file")
struct StrategyTests {
    private static func text(_ lines: String, name: String = "dev") -> String {
        let indented = lines.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
        return "service: shop\nrun: { port: 80 }\nenvironments:\n  \(name):\n\(indented)"
    }

    private func environment(_ lines: String, name: String = "dev", folder: String? = nil) throws -> EnvironmentSpecification {
        let parsed = Manifest.parse(Self.text(lines, name: name), folder: folder)
        #expect(parsed.diagnostics.isEmpty, "\(parsed.diagnostics)")
        return try #require(parsed.value?.environments.first)
    }

    private static let defaultPolicy = AnalysisPolicy(errors: BasisPoints(100), requests: 100, falseAlarm: BasisPoints(100))

    private static func step(_ share: Int, soak: Milliseconds? = nil, waits: Bool = false) -> Canary.Step {
        Canary.Step(share: BasisPoints(share), soak: soak, waitsForPromotion: waits)
    }

    @Test(
        "a strategy is a word, or a word with its settings",
        arguments: [
            ("strategy: recreate", .recreate),
            ("strategy: blue-green", .blueGreen),
            ("strategy: rolling", .rolling(RollingUpdate(surge: .percent(25), unavailable: .count(0)))),
            ("strategy: { rolling: { surge: 2, unavailable: 50% } }", .rolling(RollingUpdate(surge: .count(2), unavailable: .percent(50)))),
            ("strategy: canary", .canary(Canary(steps: [step(500), step(2_500), step(7_500), step(10_000)]))),
            ("strategy: { canary: { steps: [0.25%] } }", .canary(Canary(steps: [step(25), step(10_000)]))),
            (
                "strategy: { canary: { steps: [5%, { share: 50%, soak: 1m, wait: promotion }, 100%], sticky: true } }",
                .canary(Canary(steps: [step(500), step(5_000, soak: .minutes(1), waits: true), step(10_000)], isSticky: true))
            ),
            (
                "strategy: { canary: { steps: [100%], testers: { header: X-Canary, value: yes } } }",
                .canary(Canary(steps: [step(10_000)], testers: TesterMark(place: .header, name: "X-Canary", value: "yes")))
            ),
            (
                "strategy: { canary: { steps: [100%], testers: { cookie: canary, value: 1 } } }",
                .canary(Canary(steps: [step(10_000)], testers: TesterMark(place: .cookie, name: "canary", value: "1")))
            ),
        ] as [(String, Strategy)])
    func strategies(line: String, strategy: Strategy) throws { #expect(try environment(line).strategy == strategy) }

    @Test("a canary is judged though nobody says how; others are not")
    func defaultAnalysis() throws {
        #expect(try environment("strategy: canary").analysis == Self.defaultPolicy)
        #expect(try environment("strategy: canary", name: "production").analysis == Self.defaultPolicy)
        #expect(try environment("strategy: rolling").analysis == nil)
        #expect(try environment("strategy: rolling\nanalysis: { requests: 10 }").analysis?.requests == 10)
    }

    @Test("a canary's soak and analysis are the environment's")
    func insideCanary() throws {
        let canary = try environment("strategy: { canary: { soak: 5m, analysis: { errors: 2% } } }")
        #expect(canary.timing.soak == .minutes(5))
        #expect(canary.analysis?.errors == BasisPoints(200))
        #expect(try environment("strategy: canary\nsoak: 5m\nanalysis: { errors: 2% }").analysis == canary.analysis)
    }

    @Test("everything of an analysis is read")
    func analysis() throws {
        let found = try environment(
            """
            stream-drain: 3m
            analysis:
              errors: 0.5%
              latency-p50: 50ms
              latency-p99: 300ms
              latency-p99.9: 2s
              baseline: 1%
              requests: 1000
              false-alarm: 5%
              metrics:
                - { name: load, prometheus: "http://prometheus:9090/base", query: 'avg(load{release="{{release}}"})', most: 0.05, interval: 15s, deadline: 1s, bad: 3, errors: 5 }
                - { name: stock, http: "https://shop.test/stock?all", least: -1e3 }
                - { name: check, run: [./check.sh, -v, -v] }
            """, folder: "/srv/shop")
        #expect(found.timing.streamDrain == .minutes(3))
        let second = Milliseconds.seconds(1)
        #expect(
            found.analysis
                == AnalysisPolicy(
                    errors: BasisPoints(50),
                    latencies: [
                        LatencyBound(percentile: BasisPoints(5_000), bound: 50), LatencyBound(percentile: BasisPoints(9_900), bound: 300),
                        LatencyBound(percentile: BasisPoints(9_990), bound: 2_000),
                    ], baseline: BasisPoints(100), requests: 1_000, falseAlarm: BasisPoints(500),
                    metrics: [
                        MetricCheck(
                            name: "load", source: .prometheus(address: "http://prometheus:9090/base", query: "avg(load{release=\"{{release}}\"})"),
                            most: 0.05, interval: .seconds(15), deadline: second, badInRow: 3, errorsInRow: 5),
                        MetricCheck(
                            name: "stock", source: .http("https://shop.test/stock?all"), least: -1_000, interval: .seconds(30), deadline: .seconds(5),
                            badInRow: 2, errorsInRow: 4),
                        MetricCheck(
                            name: "check", source: .command(["/srv/shop/check.sh", "-v", "-v"]), interval: .seconds(30), deadline: .seconds(5),
                            badInRow: 2, errorsInRow: 4),
                    ]))
    }

    @Test("where nothing but metrics is asked for, no request has to come")
    func metricsOnly() throws {
        let policy = try environment("analysis: { errors: off, metrics: [{ name: check, run: [check] }] }").analysis
        #expect(policy?.errors == nil)
        #expect(policy?.requests == 0)
        #expect(policy?.metrics.map(\.source) == [.command(["check"])])
    }

    @Test("hooks are read, and find their program from the file's folder")
    func hooks() throws {
        let found = try environment(
            """
            hooks:
              - { name: migrate, at: before, run: [bin/migrate, up] }
              - { name: smoke, at: ready, run: [/usr/bin/smoke], deadline: 5m }
              - { name: tell, at: after, http: "http://chat.test/hook" }
              - { name: curl, at: step, run: [curl] }
            """, folder: "/srv/shop")
        #expect(
            found.hooks == [
                RolloutHook(name: "migrate", point: .before, action: .command(["/srv/shop/bin/migrate", "up"]), deadline: .minutes(1)),
                RolloutHook(name: "smoke", point: .ready, action: .command(["/usr/bin/smoke"]), deadline: .minutes(5)),
                RolloutHook(name: "tell", point: .after, action: .http("http://chat.test/hook"), deadline: .minutes(1)),
                RolloutHook(name: "curl", point: .step, action: .command(["curl"]), deadline: .minutes(1)),
            ])
    }

    @Test("one mistake is one diagnostic, at its place, with what to write", arguments: mistakes)
    func mistake(line: String, says: String) {
        let parsed = Manifest.parse(Self.text(line))
        #expect(parsed.diagnostics.map(\.description) == ["ingot.yaml:\(says)"])
        #expect(parsed.value == nil)
    }

    private static let path = "environments.dev"
    static let mistakes: [(String, String)] = [
        ("strategy: { rollign: {} }", "5:17: error: unknown key 'rollign' in 'environments.dev.strategy'; did you mean 'rolling'?"),
        ("strategy: {}", "5:15: error: 'environments.dev.strategy' names no strategy"),
        ("strategy: { rolling: {}, canary: {} }", "5:30: error: 'environments.dev.strategy' names more than one strategy; choose one"),
        ("strategy: { recreate: {} }", "5:17: error: 'recreate' has no settings; write 'strategy: recreate'"),
        ("strategy: { canary: }", "5:17: error: 'environments.dev.strategy.canary' has no value"),
        (
            "strategy: { rolling: { surge: 0 } }",
            "5:28: error: 'surge: 0' and 'unavailable: 0' of 1 instance leave no room to move; write 'surge: 1'"
        ),
        (
            "strategy: { rolling: { surge: 0, unavailable: 90% } }",
            "5:28: error: 'surge: 0' and 'unavailable: 90%' of 1 instance leave no room to move; write 'surge: 1'"
        ),
        (
            "strategy: { rolling: { surge: 101 } }",
            "5:35: error: 'environments.dev.strategy.rolling.surge' is '101'; expected a number of instances such as 2, or a share such as 25%, at most 100"
        ),
        (
            "strategy: { canary: { steps: [5] } }",
            "5:35: error: 'environments.dev.strategy.canary.steps' is '5'; expected a share from 0.01% to 100%, such as 5% or 0.25%; a share needs a sign: write '5%'"
        ),
        (
            "strategy: { canary: { steps: [0.001%] } }",
            "5:35: error: 'environments.dev.strategy.canary.steps' is '0.001%'; expected a share from 0.01% to 100%, such as 5% or 0.25%"
        ),
        ("strategy: { canary: { steps: [25%, 5%] } }", "5:40: error: the steps must grow: 5% comes after 25%"),
        ("strategy: { canary: { steps: [100%, { share: 100% }] } }", "5:41: error: the steps must grow: 100% comes after 100%"),
        (
            "strategy: { canary: { steps: [] } }",
            "5:27: error: 'environments.dev.strategy.canary.steps' has no step in it; write '[5%, 25%, 100%]'"
        ),
        (
            "strategy: { canary: { steps: 5% } }",
            "5:34: error: 'environments.dev.strategy.canary.steps' is the text '5%'; expected a list; write '[5%]'"
        ),
        (
            "strategy: { canary: { steps: [{ soak: 1m }] } }",
            "5:35: error: 'environments.dev.strategy.canary.steps[]' has no 'share'; add 'share:' with a share from 0.01% to 100%, such as 5% or 0.25%"
        ),
        (
            "strategy: { canary: { steps: [{ share: 5%, wait: promotoin }] } }",
            "5:54: error: 'environments.dev.strategy.canary.steps[].wait' is 'promotoin'; expected 'promotion'; did you mean 'promotion'?"
        ),
        (
            "strategy: { canary: { testers: { value: x } } }",
            "5:27: error: 'environments.dev.strategy.canary.testers' has no 'header'; add one of header, cookie"
        ),
        (
            "strategy: { canary: { testers: { header: a, cookie: b, value: x } } }",
            "5:49: error: 'environments.dev.strategy.canary.testers' has either 'header' or 'cookie', not both"
        ),
        (
            "strategy: { canary: { testers: { header: 'X Y', value: x } } }",
            "5:46: error: 'environments.dev.strategy.canary.testers.header' is 'X Y'; expected a header's name: letters, digits and !#$%&'*+-.^_`|~"
        ),
        (
            "strategy: { canary: { testers: { header: X, value: 'a b' } } }",
            "5:56: error: 'environments.dev.strategy.canary.testers.value' is 'a b'; expected a word without spaces, quotes, commas, semicolons and backslashes, of at most 256 characters"
        ),
        (
            "strategy: { canary: { sticky: maybe } }",
            "5:35: error: 'environments.dev.strategy.canary.sticky' is 'maybe'; expected one of true, false"
        ),
        (
            "strategy: { canary: { soak: 1m } }\nsoak: 2m",
            "5:27: error: 'environments.dev.strategy.canary.soak' and 'environments.dev.soak' are the same setting; write it once"
        ),
        (
            "strategy: { canary: { analysis: {} } }\nanalysis: {}",
            "5:27: error: 'environments.dev.strategy.canary.analysis' and 'environments.dev.analysis' are the same setting; write it once"
        ),
        ("analysis: { error: 1% }", "5:17: error: unknown key 'error' in 'environments.dev.analysis'; did you mean 'errors'?"),
        (
            "analysis: { errors: 1 }",
            "5:25: error: 'environments.dev.analysis.errors' is '1'; expected a share from 0% to 100%, such as 5% or 0.25%; a share needs a sign: write '1%'"
        ),
        (
            "analysis: { latency-p99: 300 }",
            "5:30: error: 'environments.dev.analysis.latency-p99' is '300'; expected a duration from 1ms to 1h, such as 250ms, 30s, 10m or 1h30m; a number needs a unit: write '300s' for seconds"
        ),
        (
            "analysis: { false-alarm: 0% }",
            "5:30: error: 'environments.dev.analysis.false-alarm' is '0%'; expected a share from 0.01% to 50%, such as 5% or 0.25%"
        ),
        (
            "analysis: { metrics: [{ name: a }] }",
            "5:27: error: 'environments.dev.analysis.metrics[]' has no 'prometheus'; add one of prometheus, http, run"
        ),
        (
            "analysis: { metrics: [{ name: a, run: [x], http: 'http://x' }] }",
            "5:38: error: 'environments.dev.analysis.metrics[]' has either 'http' or 'run', not both"
        ),
        (
            "analysis: { metrics: [{ name: a, prometheus: 'http://x', query: up }] }",
            "5:27: error: 'environments.dev.analysis.metrics[]' has no 'most'; add 'most:' or 'least:': a number alone is neither good nor bad"
        ),
        (
            "analysis: { metrics: [{ name: a, prometheus: 'http://x', most: 1 }] }",
            "5:27: error: 'environments.dev.analysis.metrics[]' has no 'query'; add 'query:' with a query that gives one number"
        ),
        ("analysis: { metrics: [{ name: a, run: [x], query: up }] }", "5:48: error: 'query' belongs to 'prometheus'; leave it out"),
        (
            "analysis: { metrics: [{ name: a, http: shop.test/x }] }",
            "5:44: error: 'environments.dev.analysis.metrics[].http' is 'shop.test/x'; expected an address such as http://127.0.0.1:9090/path; write 'http://shop.test/x'"
        ),
        (
            "analysis: { metrics: [{ name: a, http: 'http://me:x@shop.test' }] }",
            "5:44: error: 'environments.dev.analysis.metrics[].http' is 'http://me:x@shop.test'; expected an address such as http://127.0.0.1:9090/path; a password does not belong in this file: ask a command instead"
        ),
        ("analysis: { metrics: [{ name: a, run: [x], least: 2, most: 1 }] }", "5:48: error: no number is at least 2.0 and at most 1.0"),
        (
            "analysis: { metrics: [{ name: a, run: [x], most: nan }] }",
            "5:54: error: 'environments.dev.analysis.metrics[].most' is 'nan'; expected a number such as 0.05"
        ),
        ("analysis: { metrics: [{ name: a, run: [x] }, { name: a, run: [y] }] }", "5:52: error: two metrics are called 'a'"),
        (
            "hooks: [{ name: a, at: befor, run: [x] }]",
            "5:28: error: 'environments.dev.hooks[].at' is 'befor'; expected one of before, ready, step, after; did you mean 'before'?"
        ),
        ("hooks: [{ name: a, at: before }]", "5:13: error: 'environments.dev.hooks[]' has no 'run'; add one of run, http"),
        ("hooks: [{ name: a, at: before, run: [] }]", "5:36: error: 'environments.dev.hooks[].run' has no command in it"),
        ("hooks: [{ at: before, run: [x] }]", "5:13: error: 'environments.dev.hooks[]' has no 'name'; add 'name:', which messages will use"),
        ("hooks: { name: a }", "5:12: error: 'environments.dev.hooks' is a mapping; expected a list"),
        (
            "stream-drain: 2d",
            "5:19: error: 'environments.dev.stream-drain' is '2d'; expected a duration from 0s to 1d, such as 250ms, 30s, 10m or 1h30m"
        ),
    ]
}
