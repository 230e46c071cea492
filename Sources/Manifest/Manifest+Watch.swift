import IngotModel
import Yams

/// Reads what a release must show while it is watched, and what runs beside its rollout.
struct WatchReader {
    /// The absolute path of the file's folder; see `Manifest.parse`.
    let folder: String?

    // MARK: Analysis

    /// - Parameter reader: the section that holds `analysis`. Where it does not, a canary has the defaults, and others have none.
    func analysis(_ reader: MappingReader, isCanary: Bool) -> AnalysisPolicy? {
        guard reader.has("analysis") else { return isCanary ? policy(errors: Defaults.errors.value, latencies: [], baseline: nil) : nil }
        let section = reader.section("analysis", known: Grammar.analysis.names)
        let anyShare = ValueForm.share(SettingLimits.anyShare)
        var policy = policy(
            errors: errors(section, anyShare),
            latencies: Grammar.latencies.compactMap { latency in
                section.value(latency.key, .duration(SettingLimits.latency)).map { LatencyBound(percentile: latency.percentile, bound: $0) }
            }, baseline: section.value("baseline", anyShare))
        if let requests = section.value("requests", .integer(SettingLimits.requests)) { policy.requests = requests }
        if let falseAlarm = section.value("false-alarm", .share(SettingLimits.falseAlarm)) { policy.falseAlarm = falseAlarm }
        policy.metrics = section.entries(
            "metrics", limit: Manifest.Limit.metrics, known: Grammar.metric, noun: "metric", name: \.name, metric)
        return policy
    }

    private func policy(errors: BasisPoints?, latencies: [LatencyBound], baseline: BasisPoints?) -> AnalysisPolicy {
        let countsRequests = errors != nil || !latencies.isEmpty || baseline != nil
        return AnalysisPolicy(
            errors: errors, latencies: latencies, baseline: baseline, requests: countsRequests ? Defaults.requests.value : 0,
            falseAlarm: Defaults.falseAlarm.value)
    }

    private func errors(_ section: MappingReader, _ form: ValueForm<BasisPoints>) -> BasisPoints? {
        guard let node = section.node("errors") else { return Defaults.errors.value }
        return node.scalar?.string == "off" ? nil : section.value("errors", form)
    }

    // MARK: Metrics

    private func metric(_ reader: MappingReader) -> MetricCheck? {
        let name = reader.required("name", .name(of: "metric"), hint: "add 'name:', which verdicts and messages will use")
        let least = reader.value("least", .number)
        let most = reader.value("most", .number)
        if let least, let most, least > most {
            reader.document.error(at: reader.location("least"), "no number is at least \(least) and at most \(most)")
        }
        let check = MetricCheck(
            name: name ?? "", source: .http(""), least: least, most: most,
            interval: reader.value("interval", .duration(SettingLimits.metricInterval)) ?? Defaults.metricInterval.value,
            deadline: reader.value("deadline", .duration(SettingLimits.metricDeadline)) ?? Defaults.metricDeadline.value,
            badInRow: reader.value("bad", .integer(SettingLimits.metricBad)) ?? Defaults.metricBad.value,
            errorsInRow: reader.value("errors", .integer(SettingLimits.metricErrors)) ?? Defaults.metricErrors.value)
        guard let source = source(reader), name != nil else { return nil }
        var complete = check
        complete.source = source
        return complete
    }

    private func source(_ reader: MappingReader) -> MetricCheck.Source? {
        let kind = reader.only(of: ["prometheus", "http", "run"])
        if kind != "prometheus", kind != nil, reader.has("query") {
            reader.document.error(at: reader.location("query"), "'query' belongs to 'prometheus'", hint: "leave it out")
        }
        switch kind {
        case "prometheus":
            let query = reader.required("query", .text, hint: "add 'query:' with a query that gives one number")
            if !reader.has("least"), !reader.has("most") {
                reader.reportMissing("most", hint: "add 'most:' or 'least:': a number alone is neither good nor bad")
            }
            guard let address = reader.value("prometheus", .address), let query else { return nil }
            return .prometheus(address: address, query: query)
        case "http": return reader.value("http", .address).map { .http($0) }
        case "run": return command(reader).map { .command($0) }
        default: return nil
        }
    }

    // MARK: Hooks

    func hooks(_ environment: MappingReader) -> [RolloutHook] {
        environment.entries("hooks", limit: Manifest.Limit.hooks, known: Grammar.hook, noun: "hook", name: \.name, hook)
    }

    private func hook(_ reader: MappingReader) -> RolloutHook? {
        let name = reader.required("name", .name(of: "hook"), hint: "add 'name:', which messages will use")
        let point = reader.required("at", .word(RolloutHook.Point.allCases.map(\.rawValue))).flatMap { RolloutHook.Point(rawValue: $0) }
        let deadline = reader.value("deadline", .duration(SettingLimits.hookDeadline)) ?? Defaults.hookDeadline.value
        let action: RolloutHook.Action?
        switch reader.only(of: ["run", "http"]) {
        case "run": action = command(reader).map { .command($0) }
        case "http": action = reader.value("http", .address).map { .http($0) }
        default: action = nil
        }
        guard let name, let point, let action else { return nil }
        return RolloutHook(name: name, point: point, action: action, deadline: deadline)
    }

    /// The command under `run`, its program found from the file's folder when it is given by a path.
    private func command(_ reader: MappingReader) -> [String]? {
        guard var command = reader.command("run"), let program = command.first else { return nil }
        if let folder, program.contains("/"), !program.hasPrefix("/") {
            command[0] = "\(folder)/\(program.hasPrefix("./") ? String(program.dropFirst(2)) : program)"
        }
        return command
    }
}
