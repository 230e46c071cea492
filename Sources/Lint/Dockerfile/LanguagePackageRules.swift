import ImageBuild

/// How packages of languages come into the image.
enum LanguagePackageRules {
    static let caches = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 7, .note, "A language's download cache stays in the layer",
            because: "What pip and npm keep to be faster next time is never used again in an image.",
            fix: "Write `pip install --no-cache-dir`, or mount a cache: `RUN --mount=type=cache,target=/root/.cache/pip …`.")
    ) { subject in
        let variables = subject.imageInstructions.reduce(into: Set<String>()) { names, instruction in
            if case .environment(let pairs) = instruction.kind { names.formUnion(pairs.map(\.name.raw)) }
        }
        return subject.imageRuns.compactMap { run in cacheLeft(run, variables) }
    }

    private static func cacheLeft(_ run: RunScript, _ variables: Set<String>) -> LintHit? {
        let assigned = Set(run.commands.flatMap(\.assignments).map { String($0.prefix { $0 != "=" }) })
        let removes = run.commands.contains { $0.name == "rm" && $0.operands.contains { $0.contains(".cache") || $0.contains(".npm") } }
        let isMounted = run.run.mounts.contains { $0.kind == .cache || $0.kind == .tmpfs }
        guard !removes, !isMounted else { return nil }
        for command in run.packageCommands where command.installs {
            switch command.manager {
            case .pip where !command.has("--no-cache-dir", "--no-cache") && !variables.union(assigned).contains("PIP_NO_CACHE_DIR"):
                return run.finding("`pip install` keeps what it downloads", fix: "Write `pip install --no-cache-dir …`.")
            case .npm where !run.packageCommands.contains { $0.manager == .npm && $0.verb == "cache" && $0.operands.first == "clean" }:
                return run.finding(
                    "`npm \(command.verb)` keeps what it downloads", fix: "Add `&& npm cache clean --force`, or mount a cache over ~/.npm.")
            default: break
            }
        }
        return nil
    }

    static let unpinned = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 8, .warning, "Language packages without versions",
            because: "What gets installed depends on the day: two builds of one commit differ, and a release that somebody else made goes to "
                + "production untested.",
            fix: "Install from a lock file (`npm ci`, `pip install -r requirements.txt` with versions), or write the version behind each name.")
    ) { subject in
        subject.runs.flatMap { run in
            run.packageCommands.filter(\.installs).compactMap { command in
                let names = loose(command)
                guard !names.isEmpty else { return nil }
                return run.finding("\(command.manager.rawValue) installs \(names.prefix(5).joined(separator: ", ")) in whatever version is newest")
            }
        }
    }

    private static func loose(_ command: PackageCommand) -> [String] {
        switch command.manager {
        case .pip:
            if command.has("-c", "--constraint", "--no-index", "--no-deps") { return [] }
            return command.operands.filter { word in !word.contains("==") && !word.contains("@") && !isPath(word) && !tools.contains(word) }
        case .npm:
            if command.operands.isEmpty { return command.verb == "install" || command.verb == "i" ? looseLock(command) : [] }
            return command.operands.filter { word in !word.dropFirst().contains("@") && !isPath(word) || word.hasSuffix("@latest") }
        case .gem: return command.has("-v", "--version") ? [] : command.operands.filter { !$0.contains(":") && !isPath($0) }
        case .cargo:
            let isSaid = command.has("--version", "--vers", "--locked", "--rev", "--tag", "--path")
            return isSaid ? [] : command.operands.filter { !$0.contains("@") }
        case .go: return command.operands.filter { $0.hasSuffix("@latest") || $0.hasSuffix("@master") || $0.hasSuffix("@main") }
        case .apt, .apk, .dnf, .zypper: return []
        }
    }

    /// `npm install` writes another lock where it likes to; `npm ci` does not. yarn and pnpm keep to the lock when told.
    private static func looseLock(_ command: PackageCommand) -> [String] {
        command.has("--frozen-lockfile", "--immutable", "--package-lock-only", "-g", "--global") ? [] : ["what package.json allows"]
    }

    /// They install the others; a lock file does not hold them.
    private static let tools: Set<String> = ["pip", "setuptools", "wheel"]

    private static func isPath(_ word: String) -> Bool {
        word.hasPrefix(".") || word.hasPrefix("/") || word.hasPrefix("$") || word.hasSuffix(".whl") || word.hasSuffix(".tgz")
            || word.hasSuffix(".gem")
            || word.hasPrefix("file:")
    }

    static let clone = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 9, .warning, "A repository is cloned without a commit",
            because: "The clone is what the branch is on the day of the build, and stays what it was while the layer is cached.",
            fix: "Write `ADD https://host/repository.git#<commit> /path`, or check out a commit or a tag in the same RUN.")
    ) { subject in
        subject.runs.compactMap { run in
            let git = run.commands.filter { $0.name == "git" }
            guard git.contains(where: { $0.arguments.first == "clone" && !$0.has("--branch", "-b", "--revision") }) else { return nil }
            let isPinned = git.contains { command in
                ["checkout", "reset", "switch"].contains { command.arguments.contains($0) } || command.arguments.contains("FETCH_HEAD")
            }
            return isPinned ? nil : run.finding("`git clone` takes whatever the branch is on the day of the build")
        }
    }
}
