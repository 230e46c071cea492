@testable import ImageBuild

/// What was read of an instruction, on one line, for tables of tests. Only what differs from the default is said.
enum InstructionSummary {
    static func text(_ kind: Instruction.Kind) -> String {
        switch kind {
        case .argument(let declarations):
            "ARG " + declarations.map { $0.name + ($0.value.map { "=\($0.raw)" } ?? "") }.joined(separator: "|")
        case .environment(let pairs): "ENV " + pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "|")
        case .label(let pairs): "LABEL " + pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "|")
        case .workingFolder(let word): "WORKDIR \(word)"
        case .user(let word): "USER \(word)"
        case .copy(let copy): self.copy(copy)
        case .run(let run): self.run(run)
        case .expose(let words): "EXPOSE " + list(words)
        case .entrypoint(let command): "ENTRYPOINT " + self.command(command)
        case .command(let command): "CMD " + self.command(command)
        case .stopSignal(let word): "STOPSIGNAL \(word)"
        case .healthCheck(let check): healthCheck(check)
        case .shell(let words): "SHELL \(words)"
        case .volume(let words): "VOLUME " + list(words)
        case .onBuild(let text): "ONBUILD \(text)"
        case .maintainer(let word): "MAINTAINER \(word)"
        }
    }

    private static func list(_ words: [Word]) -> String { words.map(\.raw).joined(separator: "|") }

    private static func command(_ command: Command) -> String {
        switch command {
        case .shell(let line): "sh(\(line))"
        case .exec(let arguments): "exec(\(arguments.joined(separator: "|")))"
        }
    }

    private static func document(_ document: HereDocument) -> String {
        "<<\(document.name)\(document.expands ? "" : "!")(\(document.content))"
    }

    private static func copy(_ copy: CopyInstruction) -> String {
        var parts = [copy.keyword.rawValue]
        let flags = [("from", copy.from), ("owner", copy.owner), ("mode", copy.mode), ("checksum", copy.checksum)]
        parts += flags.compactMap { name, word in word.map { "\(name)=\($0)" } }
        if copy.isLink { parts.append("link") }
        if copy.keepsParents { parts.append("parents") }
        if copy.keepsGitFolder { parts.append("git") }
        if let unpacks = copy.unpacks { parts.append("unpack=\(unpacks)") }
        if !copy.excludes.isEmpty { parts.append("exclude=" + list(copy.excludes)) }
        parts += ["(" + list(copy.sources) + ")"] + copy.documents.map(document) + ["-> \(copy.destination)"]
        return parts.joined(separator: " ")
    }

    private static func run(_ run: RunInstruction) -> String {
        var parts = ["RUN"]
        for mount in run.mounts {
            let options = mount.options.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
            parts.append("\(mount.kind)(" + options.joined(separator: "|") + ")")
        }
        if let network = run.network { parts.append("network=\(network)") }
        if let security = run.security { parts.append("security=\(security)") }
        return (parts + [command(run.command)] + run.documents.map(document)).joined(separator: " ")
    }

    private static func healthCheck(_ check: HealthCheck) -> String {
        let times = [
            ("interval", check.interval), ("timeout", check.timeout), ("start", check.startPeriod), ("every", check.startInterval),
        ]
        return
            (["HEALTHCHECK"] + times.compactMap { name, time in time.map { "\(name)=\($0)" } } + (check.retries.map { ["retries=\($0)"] } ?? [])
            + [check.command.map(command) ?? "NONE"]).joined(separator: " ")
    }
}
