import ImageStore
import IngotModel

/// What an image says of how it is run.
enum SettingRules {
    static let root = LintCheck<ImageSubject>(
        LintRule(
            .image, 18, .warning, "The image's user is root",
            because:
                "Whoever takes over a service that is root has every file of the instance and every hole of the kernel to try. Ingot starts no such "
                + "image unless `run.root: allowed` says so.",
            fix: "End the Dockerfile's last stage with `USER 10001:10001`.")
    ) { subject in
        let user = subject.settings.user ?? ""
        let name = user.prefix { $0 != ":" }
        let isRoot = name.isEmpty || name == "root" || name.allSatisfy { $0 == "0" }
        return isRoot && !subject.allowsRoot ? [subject.hit(user.isEmpty ? "no user is set" : "the user is '\(user)'")] : []
    }

    static let volume = LintCheck<ImageSubject>(
        LintRule(
            .image, 19, .warning, "State on the local disk",
            because: "A volume says that what is written there is expected to last, and instances do not last.",
            fix: "Keep state in a database, a queue or an object store; build without VOLUME, or on a base without it.")
    ) { subject in (subject.settings.volumes ?? [:]).keys.sorted().map { subject.hit("\($0) is a volume", path: $0) } }

    static let environment = LintCheck<ImageSubject>(
        LintRule(
            .image, 20, .error, "The name of an environment is built in",
            because: "The same digest goes through all environments. An image that says `production` is another one in staging.",
            fix: "Take it out of the image, and give the value under each environment in ingot.yaml.")
    ) { subject in
        (subject.settings.environment ?? []).filter { entry in
            let name = entry.prefix { $0 != "=" }
            return EnvironmentNames.isBuiltIn(name: String(name), value: String(entry.dropFirst(name.count + 1)), subject.environments)
        }.map { subject.hit("its environment has \($0)") }
    }

    static let killSignal = LintCheck<ImageSubject>(
        LintRule(
            .image, 21, .error, "The service is stopped by SIGKILL",
            because: "Nobody can catch SIGKILL: requests in flight are cut at every rollout.",
            fix: "Name the signal at which the service finishes its requests: `STOPSIGNAL SIGTERM`.")
    ) { subject in
        guard let signal = subject.settings.stopSignal, ["SIGKILL", "KILL", "9"].contains(signal.uppercased()) else { return [] }
        return [subject.hit("its stop signal is \(signal)")]
    }

    static let readiness = LintCheck<ImageSubject>(
        LintRule(
            .image, 22, .note, "Nothing says when it is ready",
            because: "Without a check, a port that accepts connections counts as healthy.",
            fix: "Give `run.readiness.path` in ingot.yaml; for other engines, a HEALTHCHECK.")
    ) { subject in
        guard subject.hasReadiness == nil else { return [] }
        let test = subject.settings.healthcheck?.test ?? []
        return test.isEmpty || test == ["NONE"] ? [subject.hit("it has no HEALTHCHECK, and there was no ingot.yaml to look at")] : []
    }
}
