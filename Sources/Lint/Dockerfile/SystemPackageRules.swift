/// How the distribution's packages are installed.
enum SystemPackageRules {
    static let staleLists = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 3, .warning, "Packages installed from old lists",
            because: "A layer is cached for as long as its text stays the same. With `apt-get update` in another RUN, or in none, packages come from "
                + "the lists of some earlier day: mended versions are missed, or the download fails.",
            fix: "Put both in one RUN: `apt-get update && apt-get install …`.")
    ) { subject in
        subject.runs.compactMap { run in
            let apt = run.packageCommands.filter { $0.manager == .apt }
            guard let install = apt.firstIndex(where: { $0.installs && !$0.packages.allSatisfy(isFile) }) else { return nil }
            guard !apt[..<install].contains(where: { $0.verb == "update" }) else { return nil }
            return run.finding("`apt-get install` without `apt-get update` before it in the same RUN")
        }
    }

    static let recommends = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 4, .note, "Recommended packages come along",
            because: "apt installs what a package merely recommends, too: more bytes, and more that can be vulnerable.",
            fix: "Add `--no-install-recommends`, and name what is really needed.")
    ) { subject in
        subject.imageRuns.compactMap { run in
            let isOff = run.packageCommands.contains { command in
                command.options.contains { $0.lowercased().contains("install-recommends=") && !$0.lowercased().hasSuffix("true") }
            }
            let installs = run.packageCommands.contains { $0.manager == .apt && $0.installs && !$0.has("--no-install-recommends") }
            guard installs, !isOff else { return nil }
            return run.finding("`apt-get install` without `--no-install-recommends`")
        }
    }

    static let caches = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 5, .warning, "The package manager's cache stays in the layer",
            because: "Lists and archives that were needed to install are in the image for ever: a later RUN that removes them only hides them.",
            fix: "Remove them in the same RUN, or mount a cache over them: `RUN --mount=type=cache,target=/var/lib/apt …`.")
    ) { subject in subject.imageRuns.compactMap { run in leftover(run).map { run.finding($0.message, fix: $0.fix) } } }

    static let upgrade = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 6, .note, "The distribution is upgraded in the build",
            because: "What an upgrade brings depends on the day, its layer is cached and grows old, and the base's files are in the image twice.",
            fix: "Rebuild or renew the base on a schedule instead; `ingot base rebuild` shows what it changes.")
    ) { subject in
        subject.imageRuns.flatMap { run in
            run.packageCommands.filter { isUpgrade($0) }.map { run.finding("`\($0.verb)` of the whole distribution in a RUN") }
        }
    }

    private static func isUpgrade(_ command: PackageCommand) -> Bool {
        switch command.manager {
        case .apt: ["upgrade", "dist-upgrade", "full-upgrade"].contains(command.verb)
        case .apk: command.verb == "upgrade"
        case .dnf: ["upgrade", "update"].contains(command.verb) && command.operands.isEmpty
        default: false
        }
    }

    private static func isFile(_ package: String) -> Bool { package.contains("/") }

    private static func leftover(_ run: RunScript) -> (message: String, fix: String)? {
        let commands = run.packageCommands
        func removes(_ path: String) -> Bool {
            run.commands.contains { $0.name == "rm" && $0.operands.contains { $0.hasPrefix(path) } }
                || run.commands.contains { $0.name == "find" && $0.operands.contains { $0.hasPrefix(path) } && $0.arguments.contains("-delete") }
        }
        if commands.contains(where: { $0.manager == .apt && $0.verb == "update" }), !run.mounts(over: "/var/lib/apt/lists"), !removes("/var/lib/apt")
        {
            return ("apt's lists stay in the layer", "End the RUN with `rm -rf /var/lib/apt/lists/*`, or mount a cache over /var/lib/apt.")
        }
        if commands.contains(where: { $0.manager == .apk && ($0.installs || $0.verb == "update") && !$0.has("--no-cache") }),
            !run.mounts(over: "/var/cache/apk"), !removes("/var/cache/apk"), !removes("/etc/apk/cache")
        {
            return ("apk's index stays in the layer", "Write `apk add --no-cache …`.")
        }
        let cleans = commands.contains { [.dnf, .zypper].contains($0.manager) && ["clean", "cc"].contains($0.verb) }
        if let install = commands.first(where: { [.dnf, .zypper].contains($0.manager) && $0.installs }), !cleans,
            !["/var/cache/dnf", "/var/cache/yum", "/var/cache/zypp"].contains(where: { run.mounts(over: $0) || removes($0) })
        {
            return ("the cache of \(install.manager.rawValue) stays in the layer", "End the RUN with `\(install.manager.rawValue) clean all`.")
        }
        return nil
    }
}
