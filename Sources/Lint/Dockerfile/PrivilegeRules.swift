import ImageBuild
import ImageStore
import IngotModel

/// What an instance may do, and who may get in.
enum PrivilegeRules {
    static let root = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 15, .warning, "The service runs as root",
            because:
                "Whoever takes over a service that is root has every file of the instance and every hole of the kernel to try. Ingot starts no such "
                + "image unless `run.root: allowed` says so.",
            fix: "End the last stage with `USER 10001:10001`, and give that user what it has to read with `COPY --chown`.")
    ) { subject in
        guard !subject.allowsRoot, let last = subject.imageStages.last else { return [] }
        let users = subject.imageInstructions.compactMap { if case .user(let word) = $0.kind { word } else { nil } }
        if let user = users.last {
            guard isRoot(user.raw) else { return [] }
            return [LintHit("the last USER of the image is '\(user)'", at: .source(user.location))]
        }
        guard let base = subject.baseImage, isRootBase(base, subject) else { return [] }
        return [LintHit("no USER is set, and '\(base)' leaves it to root", at: .source(last.location))]
    }

    private static func isRoot(_ user: String) -> Bool {
        let name = user.prefix { $0 != ":" }
        return name == "root" || name.allSatisfy { $0 == "0" } && !name.isEmpty
    }

    /// A base that nobody knows is taken for one of the many that are root, unless its name says otherwise.
    private static func isRootBase(_ base: String, _ subject: DockerfileSubject) -> Bool {
        if base == "scratch" { return true }
        guard let settings = subject.base(base) else {
            return !base.contains("nonroot") && !base.contains("rootless") && !base.contains("unprivileged")
        }
        return settings.user.map { $0.isEmpty || isRoot($0) } ?? true
    }

    static let sshServer = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 16, .error, "A way to log in by SSH",
            because: "What people change in a running instance is in no image, and is gone or different at the next start. It is also one more door.",
            fix: "Leave it out. `ingot logs` shows what an instance says; a change is a commit and a release.")
    ) { subject in
        let servers: Set<String> = ["openssh-server", "dropbear", "openssh", "openssh-sftp-server", "tinysshd"]
        let installed = subject.imageRuns.flatMap { run in
            run.packageCommands.filter { $0.isOfSystem && $0.installs }.flatMap(\.packages)
                .filter { servers.contains($0) }.map { run.finding("'\($0)' is installed") }
        }
        let exposed = subject.imageInstructions.flatMap { instruction -> [LintHit] in
            guard case .expose(let words) = instruction.kind else { return [] }
            return words.filter { $0.raw == "22" || $0.raw.lowercased() == "22/tcp" }.map { LintHit("port 22 is exposed", at: .source($0.location)) }
        }
        return installed + exposed
    }

    static let permissions = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 17, .warning, "Files that everybody may change, or that run as their owner",
            because: "A program that anybody can write to, or that runs with its owner's rights, is how an intruder becomes root.",
            fix: "Give the files to the service's user with `COPY --chown`, and the modes that it needs: `--chmod=0755`.")
    ) { subject in
        let commands = subject.imageRuns.flatMap { run in
            run.commands.filter { $0.name == "chmod" }.compactMap { command in
                command.operands.first.flatMap { isDangerous($0) ? $0 : nil }.map { run.finding("`chmod \($0)`") }
            }
        }
        let copies = subject.imageCopies.compactMap { copy, _ -> LintHit? in
            guard let mode = copy.mode, isDangerous(mode.raw) else { return nil }
            return LintHit("`--chmod=\(mode)`", at: .source(mode.location))
        }
        return commands + copies
    }

    /// World-writable without the sticky bit, or setuid or setgid.
    private static func isDangerous(_ mode: String) -> Bool {
        if mode.allSatisfy({ ("0"..."7").contains($0) }), let bits = Int(mode, radix: 8) {
            return bits & 0o6000 != 0 || (bits & 0o002 != 0 && bits & 0o1000 == 0)
        }
        return mode.split(separator: ",").contains { clause in
            guard let sign = clause.firstIndex(where: { "+=".contains($0) }) else { return false }
            let (who, what) = (clause[..<sign], clause[clause.index(after: sign)...])
            let isForAll = who.contains("a") || who.contains("o")
            return what.contains("s") || (isForAll && what.contains("w") && !what.contains("t"))
        }
    }

    static let buildPrivileges = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 18, .warning, "A step of the build is not shut in",
            because:
                "A step that sees the machine's own network, or has all its rights, makes something else on another machine, and can change "
                + "this one.",
            fix: "Take the flag away. What the step needs from outside, get by ADD with a checksum or a stage of its own.")
    ) { subject in
        subject.runs.flatMap { run in
            [
                run.run.network.flatMap { $0.raw == "host" ? LintHit("`--network=host`", at: .source($0.location)) : nil },
                run.run.security.flatMap { $0.raw == "insecure" ? LintHit("`--security=insecure`", at: .source($0.location)) : nil },
            ].compactMap { $0 }
        }
    }
}
