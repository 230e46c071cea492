import IngotModel

// The application: what it does to be replaceable at any time.
extension AssessmentJudge {
    var stateless: Verdict {
        let rules = broken("ING-D027", "ING-I019", "ING-M014")
        guard rules.isEmpty else {
            return .no("state is kept on the local disk: \(rules.joined(separator: ", "))", "keep it in a database, a queue or an object store")
        }
        return Self.verdict(
            facts.statelessness, missing: "no test has replaced an instance in its middle",
            "add the built-in test `statelessness` to ingot.yaml, and run `ingot up`")
    }

    var configurationOutside: Verdict {
        let rules = broken("ING-D028", "ING-D029", "ING-I020", "ING-M016")
        guard rules.isEmpty else {
            return .no("settings of an environment are built in: \(rules.joined(separator: ", "))", "give them under `environments` in ingot.yaml")
        }
        guard let image = facts.image else { return Self.noImage }
        let places = facts.rollouts.filter { $0.hasSucceeded && $0.image == image.digest }
        let names = Set(places.map(\.environment.name)).sorted()
        guard names.count > 1 else {
            return .no("the image has run in \(names.first ?? "no environment") only", "deploy the same digest to a second environment")
        }
        return .yes("the same digest has run in \(names.joined(separator: ", "))", at: places.map(\.endedAt).max())
    }

    var logsSentAway: Verdict {
        let remedy = "write logs to standard output, where Ingot collects them"
        guard let files = facts.logFiles else {
            return .no("nothing has recorded which files an instance writes", "run the built-in test `statelessness`")
        }
        if let first = files.first { return .no("an instance wrote \(first)", remedy) }
        guard let line = facts.lastLogLine else { return .no("no instance has printed anything", remedy) }
        return .yes("instances print, and write no log files", at: line)
    }

    var healthChecks: Verdict {
        guard facts.hasReadinessPath else { return .no("readiness is only an open port", "give `run.readiness.path`") }
        return Self.verdict(
            facts.readiness, missing: "a path is asked, and nothing has shown that it fails when the service does",
            "add the built-in test `readiness` to ingot.yaml, and run `ingot up`")
    }

    var gracefulStop: Verdict {
        let rules = broken("ING-D023", "ING-I021", "ING-M010", "ING-M011")
        guard rules.isEmpty else { return .no("requests are not given time: \(rules.joined(separator: ", "))", "see `ingot lint`") }
        if let cutting = facts.rollouts.first(where: { $0.requests > 0 }), cutting.cut > 0 {
            return .no(
                "\(cutting.cut) requests were cut in the last rollout under traffic", at: cutting.endedAt, "give a longer `drain`, or answer faster")
        }
        return Self.verdict(
            facts.gracefulStop, missing: "nothing has shown what becomes of a request when an instance is stopped",
            "add the built-in test `graceful-stop` to ingot.yaml, and run `ingot up`")
    }
}
