import IngotModel

/// Whether requests are lost when instances die or releases change.
enum CapacityRules {
    static let instances = LintCheck<ManifestSubject>(
        LintRule(
            .manifest, 7, .warning, "One instance in production",
            because: "When it dies, the service is away until another one is ready.",
            fix: "Give `instances: 2` or more.")
    ) { subject in
        subject.production.filter { $0.instances == 1 }.map {
            subject.hit("'\($0.name)' has one instance", at: "environments.\($0.name).instances")
        }
    }

    static let recreate = LintCheck<ManifestSubject>(
        LintRule(
            .manifest, 8, .warning, "Production is dark during each rollout",
            because: "`recreate` ends the old release before the new one starts, and going back takes as long again.",
            fix: "Use `blue-green`, `rolling` or `canary`, unless two releases must never run at once.")
    ) { subject in
        subject.production.filter { $0.strategy.word == "recreate" }.map {
            subject.hit("'\($0.name)' moves by recreate", at: "environments.\($0.name).strategy")
        }
    }

    static let warm = LintCheck<ManifestSubject>(
        LintRule(
            .manifest, 9, .warning, "Nothing is kept to go back to",
            because: "With `warm: 0s` the old release is gone at once: going back means starting it again.",
            fix: "Leave `warm` out, or give some minutes.")
    ) { subject in
        subject.production.filter { $0.timing.warm == 0 }.map {
            subject.hit("'\($0.name)' keeps no old release warm", at: "environments.\($0.name).warm")
        }
    }

    static let drain = LintCheck<ManifestSubject>(
        LintRule(
            .manifest, 10, .warning, "Requests are not given time to end",
            because: "With `drain: 0s` every request in flight is cut at each rollout.",
            fix: "Leave `drain` out, or give more than the longest request takes.")
    ) { subject in
        subject.specification.environments.filter { $0.timing.drain == 0 }.map {
            subject.hit("'\($0.name)' cuts requests at once", at: "environments.\($0.name).drain")
        }
    }

    static let grace = LintCheck<ManifestSubject>(
        LintRule(
            .manifest, 11, .warning, "The service is given no time to stop",
            because: "It is killed right after its stop signal, in the middle of what it does.",
            fix: "Leave `run.stop.grace` out, or give what finishing takes.")
    ) { subject in
        let grace = subject.specification.run.stopGrace
        return grace < 1_000 ? [subject.hit("an instance has \(grace) to stop", at: "run.stop.grace")] : []
    }
}
