import Foundation
import Gates
import IngotModel
import Synchronization
import Testing

@testable import ControlPlane

@Suite("Hooks of a rollout")
struct HookRunnerTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func store() async throws -> ControlStore {
        let store = try ControlStore(path: "\(folder.path)/ingot.db")
        try await store.register(serviceSpecification(), by: "user:root")
        return store
    }

    private static func hook(_ name: String, _ script: String, deadline: Milliseconds = .minutes(2)) -> RolloutHook {
        RolloutHook(name: name, point: .ready, action: .command(["/bin/sh", "-c", script]), deadline: deadline)
    }

    private func release(_ hooks: RolloutHook...) -> Release {
        var environment = environmentSpecification("production")
        environment.hooks = hooks
        var release = Release(
            of: ImageFacts(digest: imageDigest(1), size: 1, commit: nil, isDirty: false), in: environment, service: serviceSpecification(),
            secretVersions: [:], at: Timestamp(secondsSince1970: 1), by: "user:root")
        release.number = ReleaseNumber(7)
        return release
    }

    private func run(_ hook: String, rollout: Int = 3, step: Int = 0) -> HookRun { HookRun(rollout: Generation(rollout), hook: hook, step: step) }

    /// The results of some runs, wished for as a controller does: again at each change.
    private func results(_ runs: Set<HookRun>, of release: Release, store: ControlStore, url: String? = nil) async throws -> [HookResult] {
        let runner = HookRunner(production, store: store, logger: quiet) {}
        let rollouts = Set(runs.map(\.rollout))
        try await eventually(nil, within: patience, "the hooks end") {
            try await runner.keep(runs.map { HookCall(run: $0, release: release, url: url) })
            return try await runner.results(of: rollouts).filter { runs.contains($0.run) }.count == runs.count
        }
        return try await runner.results(of: rollouts)
    }

    private func call(_ hook: String, of release: Release) -> HookCall { HookCall(run: run(hook), release: release) }

    private var lines: [String] {
        ((try? String(contentsOfFile: "\(folder.path)/log", encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    @Test("a release's environment carries its hooks and its analysis into the release")
    func carried() {
        #expect(release(Self.hook("a", "true")).hooks.map(\.name) == ["a"])
    }

    @Test("a command gets the daemon's variables, but for what the daemon signs in with")
    func variables() async throws {
        var command = BoundedCommand(ofUser: ["/usr/bin/env"], environment: ["OWN": "1"], deadline: .seconds(30))
        #expect(command.withheld.isSuperset(of: ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]))
        func names() async throws -> Set<Substring> {
            Set(try await command.run().output.split(separator: "\n").compactMap { $0.split(separator: "=").first })
        }
        #expect(try await names().isSuperset(of: ["PATH", "OWN"]))
        command.withheld.insert("PATH")
        let less = try await names()
        #expect(less.contains("OWN") && !less.contains("PATH"))
    }

    @Test("a command is told its rollout, and is good by exit code 0")
    func command() async throws {
        let store = try await store()
        let script =
            "echo $INGOT_SERVICE $INGOT_ENVIRONMENT $INGOT_RELEASE $INGOT_IMAGE $INGOT_ROLLOUT $INGOT_STEP $INGOT_POINT $INGOT_URL >> \(folder.path)/log"
        let results = try await results([run("a", step: 2)], of: release(Self.hook("a", script)), store: store, url: "http://10.0.0.1:8080")
        #expect(results.map(\.failure) == [nil])
        #expect(lines == ["shop production 7 \(imageDigest(1)) 3 2 ready http://10.0.0.1:8080"])
    }

    @Test("a failure is told with the end of the output, and no more of it than the limit")
    func failure() async throws {
        let store = try await store()
        let hook = Self.hook("a", "seq 1 100000; echo the reason >&2; exit 3")
        let failure = try #require(try await results([run("a")], of: release(hook), store: store).first?.failure)
        #expect(failure.hasPrefix("exit code 3; its output ended with:\n…\n"))
        #expect(failure.hasSuffix("the reason\n"))
        #expect(failure.utf8.count < 5_000)
    }

    @Test("what can't be started, and a hook that is not there, is a failure in words")
    func notStarted() async throws {
        let store = try await store()
        let missing = RolloutHook(name: "a", point: .before, action: .command(["/no/such/hook"]), deadline: .seconds(5))
        let results = try await results([run("a"), run("b")], of: release(missing), store: store)
        #expect(results[0].failure?.contains("the command '/no/such/hook' could not be run in /no/such") == true)
        #expect(results[1].failure == "release 7 has no hook 'b'")
    }

    @Test("at its deadline a hook is killed with all it started")
    func deadline() async throws {
        let store = try await store()
        let hook = Self.hook("a", "echo $$ >> \(folder.path)/log; sleep 600 & echo $! >> \(folder.path)/log; wait", deadline: 5_000)
        let results = try await results([run("a")], of: release(hook), store: store)
        #expect(results.first?.failure == "killed: it took longer than 5s")
        let processes = lines.compactMap { Int32($0) }
        #expect(processes.count == 2)
        try await eventually(nil, within: patience, "the processes are gone") { processes.allSatisfy { !Self.lives($0) } }
    }

    /// A zombie that nobody has waited for yet does not.
    private static func lives(_ process: Int32) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
        return status.split(separator: ")").last?.split(separator: " ").first != "Z"
    }

    @Test("a run that has ended is not run again, however often it is wished for, nor by another daemon")
    func once() async throws {
        let store = try await store()
        let release = release(Self.hook("a", "echo ran >> \(folder.path)/log"), Self.hook("b", "echo other >> \(folder.path)/log; exit 1"))
        let first = try await results([run("a"), run("b"), run("a", step: 1)], of: release, store: store)
        #expect(lines.sorted() == ["other", "ran", "ran"])
        try store.close()
        let again = try ControlStore(path: "\(folder.path)/ingot.db")
        #expect(try await results([run("a"), run("b"), run("a", step: 1)], of: release, store: again) == first)
        #expect(lines.count == 3)
        _ = try await results([run("a", rollout: 4)], of: release, store: again)
        #expect(lines.count == 4)
    }

    @Test("one hook after another: what is told of the first stays while the second is wished for, and after a restart")
    func inTurn() async throws {
        let store = try await store()
        let release = release(Self.hook("a", "echo a >> \(folder.path)/log"), Self.hook("b", "echo b >> \(folder.path)/log; exit 1"))
        let runner = HookRunner(production, store: store, logger: quiet) {}
        for (hook, count) in [("a", 1), ("b", 2)] {
            try await eventually(nil, within: patience, "it ends") {
                try await runner.keep([call(hook, of: release)])
                return try await runner.results(of: [Generation(3)]).count == count
            }
        }
        try await runner.keep([])
        let results = try await runner.results(of: [Generation(3)])
        #expect(results.map(\.run.hook) == ["a", "b"])
        #expect(try await runner.results(of: [Generation(2)]).isEmpty)
        #expect(lines == ["a", "b"])
        #expect(try await HookRunner(production, store: store, logger: quiet) {}.results(of: [Generation(3)]) == results)
    }

    @Test("hooks of two rollouts are of two releases")
    func twoReleases() async throws {
        let store = try await store()
        var (old, new) = (release(Self.hook("a", "echo old >> \(folder.path)/log")), release(Self.hook("a", "echo new >> \(folder.path)/log")))
        old.number = ReleaseNumber(1)
        new.number = ReleaseNumber(2)
        let runner = HookRunner(production, store: store, logger: quiet) {}
        let calls = [HookCall(run: run("a", rollout: 3), release: old), HookCall(run: run("a", rollout: 5), release: new)]
        try await eventually(nil, within: patience, "both end") {
            try await runner.keep(calls)
            return try await runner.results(of: [Generation(3), Generation(5)]).count == 2
        }
        #expect(lines.sorted() == ["new", "old"])
    }

    @Test("a run that is no longer wished for is killed and has no result; wished for again, it runs again")
    func unwanted() async throws {
        let store = try await store()
        let hook = Self.hook("a", "echo $$ >> \(folder.path)/log; test $(wc -l < \(folder.path)/log) = 2 || sleep 600")
        let release = release(hook)
        let runner = HookRunner(production, store: store, logger: quiet) {}
        try await runner.keep([call("a", of: release)])
        try await eventually(nil, within: patience, "it runs") { lines.count == 1 }
        try await runner.keep([])
        let process = try #require(lines.first.flatMap { Int32($0) })
        try await eventually(nil, within: patience, "it is gone") { !Self.lives(process) }
        #expect(try await runner.results(of: [Generation(3)]).isEmpty)
        try await eventually(nil, within: patience, "it has run again") {
            try await runner.keep([call("a", of: release)])
            return try await runner.results(of: [Generation(3)]).count == 1
        }
        #expect(try await runner.results(of: [Generation(3)]).first?.failure == nil)
    }

    @Test("a run that the daemon's end broke off is run again by the next")
    func interrupted() async throws {
        let store = try await store()
        let release = release(Self.hook("a", "echo $$ >> \(folder.path)/log; test $(wc -l < \(folder.path)/log) = 2 || sleep 600"))
        let runner = HookRunner(production, store: store, logger: quiet) {}
        try await runner.keep([call("a", of: release)])
        try await eventually(nil, within: patience, "it runs") { lines.count == 1 }
        await runner.stop()
        #expect(try await store.hookResults(in: production).isEmpty)
        let process = try #require(lines.first.flatMap { Int32($0) })
        #expect(!Self.lives(process))
        #expect(try await results([run("a")], of: release, store: store).first?.failure == nil)
        #expect(lines.count == 2)
    }

    @Test("what a hook leaves running ends with it")
    func leftovers() async throws {
        let store = try await store()
        let release = release(Self.hook("a", "setsid sleep 600 >/dev/null 2>&1 & echo $! >> \(folder.path)/log"))
        #expect(try await results([run("a")], of: release, store: store).first?.failure == nil)
        let process = try #require(lines.first.flatMap { Int32($0) })
        #expect(!Self.lives(process))
    }

    @Test("while something of a dead daemon's hook runs, no hook begins, and it is said why")
    func former() async throws {
        let store = try await store()
        let release = release(Self.hook("a", "echo ran >> \(folder.path)/log"))
        let held = try HookLock(production, folder: folder.path).hold()
        let runner = HookRunner(production, store: store, logger: quiet) {}
        let error = await #expect(throws: ControlError.self) { try await runner.keep([call("a", of: release)]) }
        #expect(error?.code == "control.hook-still-runs")
        #expect(lines.isEmpty)
        close(held)
        #expect(try await results([run("a")], of: release, store: store).first?.failure == nil)
        #expect(lines == ["ran"])
    }

    @Test("an HTTP hook gets the rollout as JSON; any status but 200 to 299 is a failure")
    func http() async throws {
        let store = try await store()
        try await TestServer.with { request in
            request.path == "/bad" ? TestServer.Answer(status: 503, body: "not today") : TestServer.Answer(status: 204)
        } _: { server, port in
            let hooks = ["good", "bad"].map {
                RolloutHook(name: $0, point: .step, action: .http("http://127.0.0.1:\(port)/\($0)"), deadline: .minutes(2))
            }
            let results = try await results([run("good", step: 1), run("bad")], of: release(hooks[0], hooks[1]), store: store)
            #expect(results.map(\.failure) == ["status 503 from http://127.0.0.1:\(port)/bad; its output ended with:\nnot today", nil])
            let request = try #require(server.requests.first { $0.path == "/good" })
            #expect(request.method == "POST")
            #expect(
                try JSONDecoder().decode(HookCall.Message.self, from: Data(request.body.utf8))
                    == HookCall.Message(
                        hook: "good", point: .step, service: shop, environment: production.environment, release: ReleaseNumber(7),
                        image: imageDigest(1), rollout: Generation(3), step: 1))
        }
    }

    @Test("an HTTP hook that is not answered ends at its deadline")
    func slowHTTP() async throws {
        let store = try await store()
        let gate = Gate()
        try await TestServer.with { _ in
            TestServer.Answer(after: { await gate.pass() })
        } _: { _, port in
            let hook = RolloutHook(name: "a", point: .step, action: .http("http://127.0.0.1:\(port)/"), deadline: 500)
            let results = try await results([run("a")], of: release(hook), store: store)
            #expect(results.first?.failure == "no answer within 500ms")
            gate.open()
        }
    }

    @Test("the results of old rollouts are forgotten")
    func forgotten() async throws {
        let store = try await store()
        for rollout in 1...(ControlStore.rolloutsWithHookResults + 5) {
            try await store.save(HookResult(run: run("a", rollout: rollout), endedAt: Timestamp(secondsSince1970: 1)), in: production)
        }
        let kept = try await store.hookResults(in: production).map(\.run.rollout.value)
        #expect(kept == Array(6...(ControlStore.rolloutsWithHookResults + 5)))
    }
}
