import ImageStore
import IngotModel
import Testing

@testable import ImageBuild

/// Carries out instructions that make no layer, stage after stage, without a build.
enum SettingsFixture {
    static func states(_ text: String, given: [String: String] = [:], platform: Platform = .host, target: String? = nil) throws -> [StageState] {
        let file = try DockerfileParser.parse(text, file: "Dockerfile")
        let globals = try GlobalArguments(file, given: given, platform: platform, target: target)
        let graph = try BuildGraph(file, arguments: globals.declared, target: nil)
        var states: [StageState] = []
        for (index, stage) in file.stages.enumerated() {
            var state: StageState = if case .stage(let base) = graph.nodes[index].base { states[base].asBase } else { .scratch(platform) }
            for instruction in stage.instructions { _ = try state.apply(instruction, globals: globals, escape: file.escape) }
            states.append(state)
        }
        return states
    }
}

@Suite("Settings of a stage")
struct StageSettingsTests {
    /// The value of `R` after an `ENV R=…` at the end.
    private func result(_ text: String, given: [String: String] = [:], platform: Platform = .host) throws -> String? {
        try SettingsFixture.states(text, given: given, platform: platform).last?.environment["R"]
    }

    @Test(
        "see arguments in their scopes",
        arguments: [
            // ARG before FROM is seen by FROM, and by a stage that declares it again.
            ("ARG A=1\nFROM scratch\nENV R=$A", [:], ""), ("ARG A=1\nFROM scratch\nARG A\nENV R=$A", [:], "1"),
            ("ARG A=1\nFROM scratch\nARG A=2\nENV R=$A", [:], "2"), ("ARG A=1\nFROM scratch\nARG A=2\nENV R=$A", ["A": "3"], "3"),
            ("ARG A=1\nARG B=$A-b\nFROM scratch\nARG B\nENV R=$B", ["A": "2"], "2-b"), ("ARG A=1\nARG A\nFROM scratch\nARG A\nENV R=$A", [:], "1"),
            // Given and not declared, or declared without a value.
            ("FROM scratch\nENV R=$A", ["A": "1"], ""), ("FROM scratch\nARG A\nENV R=${A-unset}", [:], "unset"),
            ("FROM scratch\nARG A=1\nARG A\nENV R=$A", [:], "1"), ("FROM scratch\nENV R=$A\nARG A=1", [:], ""),
            // A stage on a stage sees its arguments; another does not.
            ("FROM scratch AS a\nARG A=1\nFROM a\nENV R=$A", [:], "1"), ("FROM scratch AS a\nARG A=1\nFROM scratch\nENV R=$A", [:], ""),
            // Of ENV and ARG of one name, the later one counts.
            ("FROM scratch\nARG A=1\nENV A=2\nENV R=$A", [:], "2"), ("FROM scratch\nARG A=1\nENV A=2\nENV R=$A", ["A": "3"], "2"),
            ("FROM scratch\nENV A=2\nARG A=1\nENV R=$A", [:], "1"), ("FROM scratch\nENV A=2\nARG A\nENV R=$A", [:], "2"),
            // Frozen for the length of ENV; one after the other in ARG.
            ("FROM scratch\nENV A=1\nENV A=2 R=$A", [:], "1"), ("FROM scratch\nARG A=1 B=$A\nENV R=$B", [:], "1"),
            ("FROM scratch\nENV PATH=/x:$PATH\nENV R=${PATH%%:*}", [:], "/x"), ("FROM scratch\nENV A 'b  c' d\nENV R=\"$A\"", [:], "b  c d"),
        ] as [(String, [String: String], String)])
    func scopes(text: String, given: [String: String], expected: String) throws {
        #expect(try result(text, given: given) == expected)
    }

    @Test("tell stages of the platform when they declare its arguments, and may be told otherwise")
    func platformArguments() throws {
        let arm = try Platform(text: "linux/arm/v7")
        let text = "FROM scratch AS x\nARG TARGETPLATFORM TARGETOS TARGETARCH TARGETVARIANT BUILDPLATFORM TARGETSTAGE\n"
        let value = "ENV R=$TARGETPLATFORM,$TARGETOS,$TARGETARCH,$TARGETVARIANT,$BUILDPLATFORM,$TARGETSTAGE"
        #expect(try result(text + value, platform: arm) == "linux/arm/v7,linux,arm,v7,\(Platform.host),x")
        #expect(try result("FROM scratch\n" + value, platform: arm) == ",,,,,")
        #expect(try result("FROM scratch\nARG TARGETARCH\nENV R=$TARGETARCH", given: ["TARGETARCH": "vax"]) == "vax")
        #expect(try result("ARG TARGETARCH\nFROM scratch\nARG TARGETARCH\nENV R=$TARGETARCH", platform: arm) == "arm")
    }

    @Test("become those of the image")
    func settings() throws {
        let text = """
            FROM scratch
            ARG V=/data
            VOLUME $V /b
            VOLUME ["/c d"]
            ONBUILD ENV A=$V
            MAINTAINER Jo $V <jo@example.com>
            STOPSIGNAL SIGUSR1
            SHELL ["/bin/a", "-x"]
            CMD run
            HEALTHCHECK --interval=1.5s --start-interval=5ms CMD ["ok"]
            EXPOSE 80/TCP 127.0.0.1:1:90 7000-7002/udp
            """
        let state = try #require(try SettingsFixture.states(text).first)
        let settings = state.settings
        #expect(settings.volumes.map { Set($0.keys) } == ["/data", "/b", "/c d"])
        #expect(settings.onBuild == ["ENV A=$V"])
        #expect(state.author == "Jo $V <jo@example.com>")
        #expect(settings.stopSignal == "SIGUSR1" && settings.shell == ["/bin/a", "-x"] && settings.command == ["/bin/a", "-x", "run"])
        #expect(settings.healthcheck == .init(test: ["CMD", "ok"], interval: 1_500_000_000, startInterval: 5_000_000))
        #expect(settings.exposedPorts.map { Set($0.keys) } == ["80/tcp", "90/tcp", "7000/udp", "7001/udp", "7002/udp"])
        #expect(state.history.map(\.createdBy).last == "EXPOSE 80/TCP 127.0.0.1:1:90 7000-7002/udp")
    }

    @Test("go to a stage on it, without what was left to that stage")
    func inheritance() throws {
        let states = try SettingsFixture.states(
            "FROM scratch AS a\nENV A=1\nCMD a\nONBUILD RUN x\nMAINTAINER m\nFROM a\nENTRYPOINT [\"e\"]\nENTRYPOINT []")
        #expect(states[0].settings.onBuild == ["RUN x"] && states[0].settings.command != nil)
        #expect(states[1].settings.onBuild == nil && states[1].author == "m" && states[1].environment["A"] == "1")
        #expect(states[1].settings.entrypoint == nil && states[1].settings.command == nil)
    }

    @Test(
        "that are empty after expansion, or can't be, are refused",
        arguments: ["VOLUME $NO", "USER $NO", "STOPSIGNAL X Y", "EXPOSE 1-", "EXPOSE x:80"])
    func refusal(line: String) {
        #expect(throws: BuildError.self) { try SettingsFixture.states("FROM scratch\n\(line)") }
    }
}
