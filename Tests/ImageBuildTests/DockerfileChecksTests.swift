import ImageStore
import IngotModel
import Testing

@testable import ImageBuild

@Suite("The checks of a Dockerfile")
struct DockerfileChecksTests {
    static var facts: CheckFacts {
        var facts = CheckFacts()
        facts.base = {
            $0 == "base" ? BaseFacts(variables: ["PATH", "PYTHON_VERSION"]) : $0 == "shelled" ? BaseFacts(variables: [], hasShell: true) : nil
        }
        facts.isIgnored = { $0 == "secret.txt" }
        return facts
    }

    /// `name@line:column` of what is found.
    private func found(_ text: String) throws -> [String] {
        try DockerfileChecks.run(text, file: "Dockerfile", facts: Self.facts).map { "\($0.rule ?? "none")@\($0.location.line):\($0.location.column)" }
    }

    @Test(
        "find what is doubtful, where it stands",
        arguments: [
            ("FROM base AS Build", ["StageNameCasing@1:14"]), ("FROM base AS build", []), ("from base AS build", ["FromAsCasing@1:11"]),
            ("FROM base as build", ["FromAsCasing@1:11"]), ("from base as build", []),
            ("FROM base AS a\nFROM base AS a", ["DuplicateStageName@2:14"]), ("FROM base AS a\nFROM base AS b", []),
            ("FROM base AS scratch", ["ReservedStageName@1:14"]), ("FROM base AS context", ["ReservedStageName@1:14"]),
            ("FROM base\nRUN a \\\n\n b", ["NoEmptyContinuation@3:1"]), ("FROM base\nRUN a \\\n# c\n b", []),
            ("FROM base\nrun x\nUSER y", ["ConsistentInstructionCasing@2:1"]), ("from base\nrun x\nUSER y", ["ConsistentInstructionCasing@3:1"]),
            ("FROM base\nRun x", ["ConsistentInstructionCasing@2:1"]), ("arg A\nFROM base\nRUN x", []),
            ("FROM base\nCMD a", ["JSONArgsRecommended@2:1"]), ("FROM base\nENTRYPOINT a", ["JSONArgsRecommended@2:1"]),
            ("FROM base\nCMD [\"a\"]", []),
            ("FROM base\nSHELL [\"a\"]\nCMD a", []), ("FROM shelled\nCMD a", []), ("FROM base AS a\nSHELL [\"a\"]\nFROM a\nCMD a", []),
            ("FROM base\nMAINTAINER x", ["MaintainerDeprecated@2:1"]),
            ("FROM base:$TAG", ["UndefinedArgInFrom@1:6", "InvalidDefaultArgInFrom@1:6"]), ("ARG TAG=1\nFROM base:$TAG", []),
            ("FROM --platform=$BUILDPLATFORM base", []), ("FROM --platform=$BULIDPLATFORM base", ["UndefinedArgInFrom@1:17"]),
            ("ARG TAG\nFROM base:$TAG", ["InvalidDefaultArgInFrom@2:6"]), ("ARG TAG\nFROM base:${TAG:-1}", []),
            ("ARG B=Base\nFROM $B", ["InvalidDefaultArgInFrom@2:6"]),
            ("FROM --platform=$TARGETPLATFORM base", ["RedundantTargetPlatform@1:17"]),
            ("FROM --platform=$TARGETPLATFORM$X base", ["UndefinedArgInFrom@1:17"]),
            ("FROM --platform=linux/amd64 base", ["FromPlatformFlagConstDisallowed@1:17"]), ("FROM --platform=linux/amd64 base AS build_amd64", []),
            ("FROM base\nWORKDIR app", ["WorkdirRelativePath@2:9"]), ("FROM base\nWORKDIR /app\nWORKDIR x", []),
            ("FROM base AS a\nWORKDIR /app\nFROM a\nWORKDIR x", []), ("FROM base\nWORKDIR x\nWORKDIR y", ["WorkdirRelativePath@2:9"]),
            ("FROM base\nCOPY $foo .", ["UndefinedVar@2:6"]), ("FROM base\nARG foo\nCOPY $foo .", []), ("FROM base\nARG V=$PYTHON_VERSION", []),
            ("FROM base\nENV PATH=$PAHT:/app", ["UndefinedVar@2:10"]), ("FROM base\nENV A=1 B=$A", ["UndefinedVar@2:11"]),
            ("FROM base\nENV A=1\nENV B=$A", []),
            ("FROM base\nRUN echo $nothing\nCMD [\"$nothing\"]", []), ("FROM unknown\nCOPY $foo .", []),
            ("FROM scratch\nUSER $foo", ["UndefinedVar@2:6"]),
            ("ARG G=1\nFROM base\nUSER $G", ["UndefinedVar@3:6"]), ("ARG G=1\nFROM base\nARG G\nUSER $G", []),
            ("FROM base AS a\nENV A=1\nFROM a\nUSER $A", []),
            ("FROM base\nCOPY <<EOF /x\n$no\nEOF", ["UndefinedVar@3:1"]), ("FROM base\nCOPY <<'EOF' /x\n$no\nEOF", []),
            ("FROM base\nCMD [\"a\"]\nCMD [\"b\"]", ["MultipleInstructionsDisallowed@2:1"]), ("FROM base\nCMD [\"a\"]\nFROM base\nCMD [\"b\"]", []),
            (
                "FROM base\nHEALTHCHECK NONE\nENTRYPOINT [\"a\"]\nENTRYPOINT [\"b\"]\nHEALTHCHECK NONE",
                ["MultipleInstructionsDisallowed@2:1", "MultipleInstructionsDisallowed@3:1"]
            ),
            ("FROM base\nENV A b\nLABEL c d", ["LegacyKeyValueFormat@2:5", "LegacyKeyValueFormat@3:7"]), ("FROM base\nENV A=b", []),
            (
                "FROM base\nARG API_KEY\nENV db_password=x GITHUB_TOKEN=y",
                ["SecretsUsedInArgOrEnv@2:5", "SecretsUsedInArgOrEnv@3:5", "SecretsUsedInArgOrEnv@3:19"]
            ),
            ("FROM base\nENV PUBLIC_KEY=x PASSWORD_FILE=y KEYBOARD=z", []),
            ("FROM base\nEXPOSE 80/TCP", ["ExposeProtoCasing@2:8"]), ("FROM base\nEXPOSE 80/tcp 81", []),
            ("FROM base\nEXPOSE 127.0.0.1:80:80 5:6", ["ExposeInvalidFormat@2:8", "ExposeInvalidFormat@2:24"]),
            (
                "# check=experimental=all\n# nothing\nFROM base AS a\n# other\nARG b",
                ["InvalidDefinitionDescription@3:1", "InvalidDefinitionDescription@5:5"]
            ),
            ("# check=experimental=all\n# a builds\nFROM base AS a\n# x\n\nARG b\n# b is\nARG b", []), ("# x\nFROM base AS a", []),
            (
                "# check=experimental=CopyIgnoredFile\nFROM base\nCOPY secret.txt a /x/\nADD ./secret.txt /y",
                ["CopyIgnoredFile@3:6", "CopyIgnoredFile@4:5"]
            ),
            ("FROM base\nCOPY secret.txt /x", []), ("# check=experimental=all\nFROM base\nCOPY --from=base secret.txt /x", []),
        ])
    func finding(text: String, expected: [String]) throws {
        #expect(try found(text) == expected)
    }

    @Test("say what they mean as BuildKit does, with a hint and the line")
    func wording() throws {
        let diagnostics = try DockerfileChecks.run("FROM base\nENV PATH=$PAHT:/x", file: "Dockerfile", facts: Self.facts)
        let diagnostic = try #require(diagnostics.first)
        #expect("\(diagnostic)" == "Dockerfile:2:10: warning: Usage of undefined variable '$PAHT'; did you mean $PATH? [UndefinedVar]")
        #expect(diagnostic.sourceLine == "ENV PATH=$PAHT:/x")
    }

    @Test("are left out, or made errors, as the file says")
    func options() throws {
        let text = "FROM base AS A\nCMD x\nMAINTAINER y"
        #expect(try found("# check=skip=all\n" + text) == [])
        #expect(try found("# check=skip=JSONArgsRecommended, StageNameCasing\n" + text) == ["MaintainerDeprecated@4:1"])
        let errors = try DockerfileChecks.run("# check=skip=StageNameCasing;error=true\n" + text, file: "D", facts: Self.facts)
        #expect(errors.map(\.severity) == [.error, .error])
        let warnings = try DockerfileChecks.run("# check=error=false\n" + text, file: "D", facts: Self.facts)
        #expect(warnings.count == 3 && warnings.allSatisfy { $0.severity == .warning })
    }

    @Test("have the names that Docker's reference lists")
    func names() {
        #expect(
            Set(DockerfileChecks.names) == [
                "StageNameCasing", "FromAsCasing", "NoEmptyContinuation", "ConsistentInstructionCasing", "DuplicateStageName", "ReservedStageName",
                "JSONArgsRecommended", "MaintainerDeprecated", "UndefinedArgInFrom", "WorkdirRelativePath", "UndefinedVar",
                "MultipleInstructionsDisallowed", "LegacyKeyValueFormat", "RedundantTargetPlatform", "SecretsUsedInArgOrEnv",
                "InvalidDefaultArgInFrom",
                "FromPlatformFlagConstDisallowed", "CopyIgnoredFile", "InvalidDefinitionDescription", "ExposeProtoCasing", "ExposeInvalidFormat",
            ])
        #expect(Set(DockerfileChecks.names).count == DockerfileChecks.names.count)
    }

    @Test(
        "know a name of an image when they see one",
        arguments: [
            ("debian", true), ("library/debian:12", true), ("a.example.com:5000/x/y_z:1.2-b", true), ("localhost/x", true), ("x__y", true),
            ("x--y", true),
            ("a@sha256:\(String(repeating: "0", count: 64))", true), ("", false), ("Debian", false), ("debian:", false), ("a//b", false),
            ("a:b:c", false),
            ("-a", false), ("a_", false), ("a___b", false), ("a@sha256:1", false), ("a b", false), ("Host.x/a", true), ("a:-b", false),
        ])
    func imageNames(text: String, isValid: Bool) {
        #expect(ImageName.isValid(text) == isValid)
    }
}
