import ImageBuild
import IngotModel

/// BuildKit's checks, which the builder has already, under identifiers of their own.
///
/// Source of the reasons: Docker's "Build checks" reference.
enum BuildCheckRules {
    /// By the name of the check. A number is never given twice.
    static let byName: [String: LintRule] = [
        "StageNameCasing": rule(
            101, .note, "Stage name with capitals", "Stage names are compared without case, so capitals mislead.", "Write it in small letters."),
        "FromAsCasing": rule(
            102, .note, "FROM and AS in different case", "It reads as if AS belonged to something else.", "Write both in the same case."),
        "DuplicateStageName": rule(
            103, .error, "Two stages of one name", "`FROM` and `COPY --from` mean the later one, silently.", "Give each stage a name of its own."),
        "ReservedStageName": rule(
            104, .warning, "Stage name with a meaning of its own", "`scratch` and `context` already mean something.", "Choose another name."),
        "NoEmptyContinuation": rule(
            105, .note, "Empty line inside an instruction", "It will be an error one day, and hides that the instruction goes on.",
            "Remove the line, or make it a comment."),
        "ConsistentInstructionCasing": rule(
            106, .note, "Instructions in different case", "Mixed case is harder to read.", "Write all instructions in one case."),
        "InvalidDefinitionDescription": rule(
            107, .note, "Comment that is read as a description", "A comment right above ARG or a stage is taken as its description.",
            "Begin it with the name, or put an empty line below it."),
        "UndefinedArgInFrom": rule(
            108, .error, "FROM uses an argument that does not exist", "The name of the base is then empty or wrong.",
            "Declare it by ARG above the first FROM."),
        "InvalidDefaultArgInFrom": rule(
            109, .warning, "Base without a valid default", "A build without arguments fails, so it depends on who builds.",
            "Give the ARG a "
                + "default."),
        "RedundantTargetPlatform": rule(
            110, .note, "Platform that is meant anyway", "`--platform=$TARGETPLATFORM` is what FROM does by itself.", "Remove the flag."),
        "FromPlatformFlagConstDisallowed": rule(
            111, .warning, "Base of a fixed platform", "The image is then of that platform, whatever it is built for.",
            "Use $BUILDPLATFORM, or name the platform in the stage's name."),
        "JSONArgsRecommended": rule(
            112, .warning, "The service is started by a shell",
            "The shell gets SIGTERM and does not hand it on: the service is killed after its grace, and its requests with it.",
            "Write a list: `CMD [\"program\", \"argument\"]`."),
        "MaintainerDeprecated": rule(113, .note, "MAINTAINER is gone", "It has no effect on the image that anybody reads.", "Use LABEL."),
        "WorkdirRelativePath": rule(
            114, .warning, "WORKDIR depends on the base", "A relative folder moves when the base's own changes.", "Write it from `/`."),
        "MultipleInstructionsDisallowed": rule(
            115, .warning, "Instruction that has no effect", "Only the last CMD, ENTRYPOINT or HEALTHCHECK of a stage counts.", "Remove the others."),
        "LegacyKeyValueFormat": rule(
            116, .note, "Old form of ENV or LABEL", "`ENV name value` takes the rest of the line as value, spaces and all.", "Write `name=value`."),
        "SecretsUsedInArgOrEnv": rule(
            117, .error, "Secret in ARG or ENV",
            "Arguments and variables stand in the image's configuration and history, for everybody who can pull it.",
            "Mount it for the step: `RUN --mount=type=secret,id=…`; for the service, `run.secrets` in ingot.yaml."),
        "ExposeProtoCasing": rule(118, .note, "Protocol in capitals", "Other tools compare it as it is written.", "Write it in small letters."),
        "ExposeInvalidFormat": rule(
            119, .warning, "EXPOSE with an address", "EXPOSE names a port of the image; where it is reached is no part of it.",
            "Write the port alone."),
        "UndefinedVar": rule(
            120, .warning, "Variable that is not defined", "It is replaced by nothing, silently.", "Define it, or correct its name."),
        "CopyIgnoredFile": rule(
            121, .warning, "COPY of what .dockerignore leaves out", "The file is not in the context, so the build fails or lacks it.",
            "Take it out of .dockerignore, or do not copy it."),
    ]

    /// What the parser itself doubts.
    static let parser = rule(
        100, .warning, "The parser doubts what is meant", "It is allowed, and most likely not what was meant.", "See the message.")

    static let rules = [parser] + byName.values.sorted { $0.id < $1.id }

    static func findings(_ file: Dockerfile) -> [LintFinding] {
        let checks = DockerfileChecks.run(file).compactMap { diagnostic in
            diagnostic.rule.flatMap { byName[$0] }.map { LintFinding($0, hit(diagnostic)) }
        }
        return file.warnings.map { LintFinding(parser, hit($0)) } + checks
    }

    private static func hit(_ diagnostic: Diagnostic) -> LintHit {
        LintHit(diagnostic.message, at: .source(diagnostic.location), fix: diagnostic.hint.map { $0.prefix(1).uppercased() + $0.dropFirst() + "." })
    }

    private static func rule(_ number: Int, _ severity: LintSeverity, _ title: String, _ reason: String, _ fix: String) -> LintRule {
        LintRule(.dockerfile, number, severity, title, because: reason, fix: fix)
    }
}
