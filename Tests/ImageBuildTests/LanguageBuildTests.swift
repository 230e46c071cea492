import ImageStore
import IngotModel
import Testing

@testable import ImageBuild

@Suite("A build of the newer parts of the language")
struct LanguageBuildTests {
    @Test("carries out what a base left to the stages on it, once")
    func onBuild() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write("context-file", "of the context")
            try await fixture.run("FROM base\nONBUILD ENV A=1\nONBUILD COPY --from=tools /t /t\nONBUILD COPY context-file /c\n") {
                $0.tags = ["parent"]
            }
            let text = "FROM base AS tools\nWORKDIR /t\nFROM parent AS child\nENV B=$A\n"
            let child = try await fixture.run(text) { $0.tags = ["child"] }.image
            #expect(child.configuration.config.onBuild == nil)
            #expect(child.configuration.config.environment?.suffix(2) == ["A=1", "B=1"])
            #expect(try fixture.text("c", of: child) == "of the context")
            #expect(try fixture.file("t", of: child) != nil)
            let grandchild = try await fixture.run("FROM child\nLABEL x=y\n").image
            #expect(grandchild.layers == child.layers)
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("keeps author, volumes and triggers in the image")
    func configuration() async throws {
        try await BuildFixture.with { fixture in
            let text = "FROM scratch\nMAINTAINER m\nVOLUME /v\nONBUILD USER x\n"
            let configuration = try await fixture.run(text).image.configuration
            #expect(configuration.author == "m")
            #expect(configuration.config.volumes?.keys.sorted() == ["/v"])
            #expect(configuration.config.onBuild == ["USER x"])
        }
    }

    @Test("is made for another platform where nothing has to run, and says so")
    func otherPlatform() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write("a", "x")
            let other = try Platform(text: Platform.host.architecture == "arm64" ? "linux/amd64" : "linux/arm/v6")
            let configuration = try await fixture.run("FROM scratch\nARG TARGETPLATFORM\nLABEL p=$TARGETPLATFORM\nCOPY a /\n") {
                $0.platforms = [other]
            }
            .image.configuration
            #expect(configuration.architecture == other.architecture && configuration.variant == other.variant)
            #expect(configuration.config.labels?["p"] == "\(other)")
            let error = await #expect(throws: BuildError.self) { try await fixture.run("FROM base\nCOPY a /\n") { $0.platforms = [other] } }
            #expect(error?.code == "build.platform-missing")
            let flag = await #expect(throws: BuildError.self) { try await fixture.run("FROM --platform=\(other) base\n") }
            #expect(flag?.diagnostics.first?.location == SourceLocation(file: "Dockerfile", line: 1, column: 17 + "\(other) ".count))
        }
    }

    @Test("shows the line of a mistake that only the build finds")
    func excerpt() async throws {
        try await BuildFixture.with { fixture in
            let error = await #expect(throws: BuildError.self) { try await fixture.run("FROM base\n# c\nUSER ${NO:?is needed}\n") }
            #expect(error?.diagnostics.map(\.sourceLine) == ["USER ${NO:?is needed}"])
            let syntax = await #expect(throws: BuildError.self) { try await fixture.run("FROM base\n\tRNU x\n") }
            #expect(syntax?.diagnostics.map(\.sourceLine) == ["\tRNU x"])
        }
    }

    @Test("makes the checks, with what the store knows of the bases, and fails when the file says so")
    func checks() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write(".dockerignore", "ignored\n")
            let text = "FROM base\nENV A=$PATH B=$NO\n"
            let result = try await fixture.run(text)
            #expect(result.warnings.map(\.rule) == ["UndefinedVar"])
            let error = await #expect(throws: BuildError.self) { try await fixture.run("# check=error=true\n" + text) }
            #expect(error?.code == "build.checks-failed" && error?.diagnostics.map(\.location.line) == [3])
            let request = try fixture.request("# check=experimental=all\nFROM missing\nCOPY ignored /x\nCMD a\n")
            #expect(try await fixture.builder.check(request).map(\.rule) == ["CopyIgnoredFile", "JSONArgsRecommended"])
        }
    }
}
