import ImageBuild
import IngotModel

/// How the service is started and ended.
enum StartRules {
    static let shell = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 19, .warning, "Something stands between the signal and the service",
            because:
                "SIGTERM reaches the first process only. A shell that waits for the service, or npm, does not hand it on: the service is "
                + "killed after "
                + "its grace, and its requests with it.",
            fix: "Name the program itself: `ENTRYPOINT [\"program\", \"argument\"]`. In a script, start it with `exec`.")
    ) { subject in
        StartCommands(subject).instructions.compactMap { command, location in
            guard case .exec(let words) = command, !words.isEmpty else { return nil }
            let first = ShellCommand(words: words)
            if let script = first.script {
                // The last command takes the shell's place by itself in bash, and only in bash; what was built by `exec` always does.
                guard let last = ShellScript(script).commands.last, !last.replacesShell else { return nil }
                return LintHit(
                    "'\(last.name)' is started by a shell that waits for it", at: .source(location), fix: "Write `exec` before \(last.name).")
            }
            let runners: Set<String> = ["npm", "yarn", "pnpm", "npx"]
            guard runners.contains(first.name), !first.operands.isEmpty else { return nil }
            return LintHit(
                "'\(first.name)' is started, which starts the service", at: .source(location), fix: "Start node itself: `[\"node\", \"server.js\"]`.")
        }
    }

    static let configuration = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 20, .error, "The instance is put together when it starts",
            because:
                "What is installed or downloaded at the start is in no image: instances of one release differ, a start waits for others' servers, "
                + "and what was tested is not what runs.",
            fix: "Do it in a RUN of the build. What differs between environments is configuration: `run.configuration` in ingot.yaml.")
    ) { subject in
        StartCommands(subject).commands.compactMap { command, place in
            guard let what = launchWork(command) else { return nil }
            let script = place.script.map { " (in \($0))" } ?? ""
            return LintHit("the start runs `\(what)`\(script)", at: .source(place.location))
        }
    }

    /// What changes the instance; `nil` for a command that does not.
    private static func launchWork(_ command: ShellCommand) -> String? {
        if let package = PackageCommand(command), package.installs || (package.isOfSystem && ["update", "upgrade"].contains(package.verb)) {
            return command.words.prefix(3).joined(separator: " ")
        }
        let words = Array(command.arguments.prefix(1))
        switch command.name {
        case "curl", "wget":
            let isElsewhere = command.arguments.contains {
                $0.hasPrefix("http") && !["localhost", "127.0.0.1", "[::1]"].contains(where: $0.contains)
            }
            let isKept =
                command.name == "wget" || command.has("-o", "--output", "-O", "--remote-name") || command.isPiped || !command.redirections.isEmpty
            return isElsewhere && isKept ? command.name : nil
        case "git" where words == ["clone"] || words == ["pull"]: return "git \(words[0])"
        case "ansible-playbook", "ansible-pull", "chef-client", "chef-solo", "puppet", "salt-call", "cloud-init": return command.name
        case "bundle" where words == ["install"], "composer" where words == ["install"], "poetry" where words == ["install"]:
            return "\(command.name) install"
        default: return nil
        }
    }

    static let supervisor = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 21, .warning, "A process manager is the service",
            because: "A manager that restarts what died inside hides it from readiness and from the rollout; one image then is several services.",
            fix: "Start the one program. What else there is becomes a service with an image of its own.")
    ) { subject in
        let managers: Set<String> = ["supervisord", "systemd", "init", "runsvdir", "s6-svscan", "monit", "circusd", "pm2", "cron", "crond"]
        return StartCommands(subject).commands.filter { managers.contains($0.command.name) }.map { command, place in
            LintHit("the image starts '\(command.name)'", at: .source(place.location))
        }
    }

    static let nothing = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 22, .error, "Nothing to start",
            because: "An image from scratch without ENTRYPOINT and CMD starts nothing.",
            fix: "End the stage with `ENTRYPOINT [\"/program\"]`, or give `run.command` in ingot.yaml.")
    ) { subject in
        guard subject.baseImage == "scratch", !subject.hasCommand, let last = subject.imageStages.last else { return [] }
        return StartCommands(subject).instructions.isEmpty ? [LintHit("the stage has neither ENTRYPOINT nor CMD", at: .source(last.location))] : []
    }

    static let killSignal = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 23, .error, "The service is stopped by SIGKILL",
            because: "Nobody can catch SIGKILL: requests in flight are cut at every rollout.",
            fix: "Name the signal at which the service finishes its requests: `STOPSIGNAL SIGTERM`.")
    ) { subject in
        let signals = subject.imageInstructions.compactMap { if case .stopSignal(let word) = $0.kind { word } else { nil } }
        guard let signal = signals.last, ["SIGKILL", "KILL", "9"].contains(signal.raw.uppercased()) else { return [] }
        return [LintHit("STOPSIGNAL is \(signal)", at: .source(signal.location))]
    }
}
