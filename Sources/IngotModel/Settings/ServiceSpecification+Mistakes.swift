extension ServiceSpecification {
    /// Why these settings can't be anybody's; empty when they can. The reader of `ingot.yaml` says more, with lines; this holds whoever speaks to the
    /// API to what everything else relies on: that a name means one environment, that numbers can be reckoned with, and that texts can stand in
    /// files, commands and requests.
    public var mistakes: [String] {
        var check = SettingCheck()
        check.service(self)
        return check.mistakes
    }
}

/// Collects what is wrong with settings.
private struct SettingCheck {
    private(set) var mistakes: [String] = []

    mutating func service(_ service: ServiceSpecification) {
        guard list(service.environments, SettingLimits.environments, "environments") else { return }
        twice(service.environments.map(\.name.name), "there are two environments called")
        twice(service.environments.map(\.host), "two environments have the host")
        run(service.run)
        gates(service.gates)
        if list(service.tests, SettingLimits.tests, "tests") { service.tests.forEach { test($0) } }
        service.environments.forEach { environment($0) }
    }

    // MARK: Parts

    private mutating func run(_ run: RunSettings) {
        within(run.port, SettingLimits.port, "run.port")
        form(run.readiness.path, SettingForms.isRequestPath, "run.readiness.path")
        within(run.readiness.startInterval, SettingLimits.checkTimes, "run.readiness.start-interval")
        within(run.readiness.interval, SettingLimits.checkTimes, "run.readiness.interval")
        within(run.readiness.timeout, SettingLimits.checkTimes, "run.readiness.timeout")
        within(run.readiness.rise, SettingLimits.checksInRow, "run.readiness.rise")
        within(run.readiness.fall, SettingLimits.checksInRow, "run.readiness.fall")
        within(run.stopGrace, SettingLimits.stopGrace, "run.stop.grace")
        within(run.resources.memory, SettingLimits.memory, "run.resources.memory")
        within(run.resources.milliCPU, SettingLimits.milliCPU, "run.resources.cpu")
        within(run.resources.processes, SettingLimits.processes, "run.resources.processes")
        forms(run.writable, SettingLimits.writable, { SettingForms.writablePath($0) != nil }, "run.writable")
        forms(run.configurationKeys, SettingLimits.listEntries, SettingForms.isVariableName, "run.configuration")
        forms(run.secretNames, SettingLimits.listEntries, SettingForms.isFileName, "run.secrets")
        forms(run.capabilities, SettingLimits.capabilities, { $0.hasPrefix("CAP_") && SettingForms.isVariableName($0) }, "run.capabilities")
        if case .only(let destinations) = run.egress {
            forms(destinations, SettingLimits.listEntries, SettingForms.isDestination, "run.egress")
        }
    }

    private mutating func gates(_ gates: GatePolicy) {
        within(gates.largestSize, SettingLimits.imageSize, "gates.size.fail-at")
        _ = list(gates.secretExceptions, SettingLimits.listEntries, "gates.secrets.exceptions")
        within(gates.vulnerabilities?.maximumAge, SettingLimits.advisoriesAge, "gates.vulnerabilities.advisories-maximum-age")
        _ = list(gates.vulnerabilities?.exceptions ?? [], SettingLimits.listEntries, "gates.vulnerabilities.exceptions")
    }

    private mutating func test(_ test: TestSpecification) {
        form(test.name, SettingForms.isFileName, "the name of a test")
        within(test.deadline, SettingLimits.testDeadline, "\(test.name): deadline")
        guard list(test.needs, SettingLimits.needs, "\(test.name): needs") else { return }
        for need in test.needs {
            form(need.name, TestNeed.isName, "\(test.name): as")
            within(need.port, SettingLimits.port, "\(test.name): port")
            variables(need.environment, "\(test.name): environment")
        }
    }

    private mutating func environment(_ environment: EnvironmentSpecification) {
        let name = environment.name
        if name == .throwaway { say("'throwaway' can't be the name of an environment: instances for tests are run under it") }
        if environment.requiresApproval, !environment.isProduction { say("\(name) asks for an approval, and is not production") }
        within(environment.instances, SettingLimits.instances, "\(name): instances")
        form(environment.host, SettingForms.isHostName, "\(name): host")
        variables(environment.configuration, "\(name): configuration")
        within(environment.secretRefresh.interval, SecretRefresh.intervals, "\(name): secrets-refresh")
        forms(Array(environment.secrets.keys), SettingLimits.listEntries, SettingForms.isFileName, "\(name): secrets")
        for case (let secret, .vault(let place)) in environment.secrets.sorted(by: { $0.key < $1.key })
        where !VaultReference.isPath(place.mount) || !VaultReference.isPath(place.path) {
            say("\(name): the secret \(shown(secret)) is at a path that is none")
        }
        strategy(environment.strategy, of: name)
        within(environment.timing.soak, SettingLimits.soak, "\(name): soak")
        within(environment.timing.progressDeadline, SettingLimits.progressDeadline, "\(name): progress-deadline")
        within(environment.timing.drain, SettingLimits.drain, "\(name): drain")
        within(environment.timing.streamDrain, SettingLimits.drain, "\(name): stream-drain")
        within(environment.timing.warm, SettingLimits.warm, "\(name): warm")
        if let analysis = environment.analysis { self.analysis(analysis, of: name) }
        if list(environment.hooks, SettingLimits.hooks, "\(name): hooks") {
            for hook in environment.hooks {
                form(hook.name, SettingForms.isFileName, "\(name): the name of a hook")
                within(hook.deadline, SettingLimits.hookDeadline, "\(name): \(hook.name): deadline")
                if case .http(let address) = hook.action { form(address, SettingForms.isAddress, "\(name): \(hook.name): http") }
            }
        }
        promotion(environment.promotion, of: name)
    }

    private mutating func strategy(_ strategy: Strategy, of name: EnvironmentName) {
        guard case .canary(let canary) = strategy, list(canary.steps, SettingLimits.steps, "\(name): steps") else { return }
        for step in canary.steps {
            within(step.share, SettingLimits.stepShare, "\(name): share")
            within(step.soak, SettingLimits.soak, "\(name): soak")
        }
        if zip(canary.steps, canary.steps.dropFirst()).contains(where: { $0.share >= $1.share }) { say("\(name): the steps must grow") }
        if canary.steps.last?.share != .whole { say("\(name): the last step must be 100%") }
        form(canary.testers?.name, SettingForms.isToken, "\(name): the name of the testers' mark")
        form(canary.testers?.value, SettingForms.isCookieValue, "\(name): the value of the testers' mark")
    }

    private mutating func analysis(_ analysis: AnalysisPolicy, of name: EnvironmentName) {
        within(analysis.errors, SettingLimits.anyShare, "\(name): errors")
        within(analysis.baseline, SettingLimits.anyShare, "\(name): baseline")
        within(analysis.requests, SettingLimits.requests, "\(name): requests")
        within(analysis.falseAlarm, SettingLimits.falseAlarm, "\(name): false-alarm")
        if list(analysis.latencies, SettingLimits.listEntries, "\(name): latencies") {
            for latency in analysis.latencies {
                within(latency.percentile, SettingLimits.stepShare, "\(name): the percentile of a latency")
                within(latency.bound, SettingLimits.latency, "\(name): latency")
            }
        }
        guard list(analysis.metrics, SettingLimits.metrics, "\(name): metrics") else { return }
        for metric in analysis.metrics {
            form(metric.name, SettingForms.isFileName, "\(name): the name of a metric")
            within(metric.interval, SettingLimits.metricInterval, "\(name): \(metric.name): interval")
            within(metric.deadline, SettingLimits.metricDeadline, "\(name): \(metric.name): deadline")
            within(metric.badInRow, SettingLimits.metricBad, "\(name): \(metric.name): bad")
            within(metric.errorsInRow, SettingLimits.metricErrors, "\(name): \(metric.name): errors")
            switch metric.source {
            case .prometheus(let address, _), .http(let address): form(address, SettingForms.isAddress, "\(name): \(metric.name): the address")
            case .command: break
            }
        }
    }

    private mutating func promotion(_ rules: PromotionRules, of name: EnvironmentName) {
        within(rules.approval.approvers, SettingLimits.approvers, "\(name): approvers")
        within(rules.approval.valid, SettingLimits.approvalValid, "\(name): valid")
        _ = list(rules.approval.keys, SettingLimits.keys.upperBound, "\(name): approval.keys")
        for age in [rules.maximumAges.tests, rules.maximumAges.scan, rules.maximumAges.rollout] {
            within(age, SettingLimits.evidenceAge, "\(name): an age of evidence")
        }
        if list(rules.signatures, SettingLimits.signatureRules, "\(name): signatures") {
            for rule in rules.signatures {
                _ = list(rule.types, SettingLimits.listEntries, "\(name): types")
                _ = list(rule.keys, SettingLimits.keys.upperBound, "\(name): keys")
                within(rule.required, SettingLimits.keys, "\(name): required")
            }
        }
        guard list(rules.freezes, SettingLimits.freezes, "\(name): freeze") else { return }
        for freeze in rules.freezes {
            form(freeze.zone, SettingForms.isTimeZone, "\(name): zone")
            form(freeze.reason, SettingForms.isLine, "\(name): the reason of a freeze")
            guard case .weekly(let spans) = freeze.time, list(spans, SettingLimits.freezeSpans, "\(name): days") else { continue }
            for moment in spans.flatMap({ [$0.from, $0.until] }) {
                within(moment, 0...WeekSpan.minutesInWeek, "\(name): a minute of the week")
            }
        }
    }

    // MARK: Rules

    private mutating func say(_ mistake: String) { mistakes.append(mistake) }

    private func shown(_ text: String) -> String { "'\(String(text.prefix(80)))'" }

    private mutating func within<Value: Comparable>(_ value: Value?, _ range: ClosedRange<Value>, _ what: String) {
        guard let value, !range.contains(value) else { return }
        say("\(what) is \(value); \(range.lowerBound) to \(range.upperBound) are allowed")
    }

    private mutating func form(_ text: String?, _ isSuch: (String) -> Bool, _ what: String) {
        guard let text, !isSuch(text) else { return }
        say("\(what) can't be \(shown(text))")
    }

    private mutating func forms(_ texts: [String], _ most: Int, _ isSuch: (String) -> Bool, _ what: String) {
        guard list(texts, most, what) else { return }
        texts.forEach { form($0, isSuch, what) }
    }

    private mutating func variables(_ values: [String: String], _ what: String) {
        forms(values.keys.sorted(), SettingLimits.listEntries, SettingForms.isVariableName, what)
        for (name, value) in values.sorted(by: { $0.key < $1.key }) where !SettingForms.isVariableValue(value) {
            say("\(what): the value of \(shown(name)) is too long, or has a zero byte")
        }
    }

    /// Whether it is short enough to be looked at.
    private mutating func list<Value>(_ values: [Value], _ most: Int, _ what: String) -> Bool {
        guard values.count > most else { return true }
        say("there are \(values.count) \(what); at most \(most) are allowed")
        return false
    }

    private mutating func twice(_ texts: [String], _ words: String) {
        let counts = Dictionary(texts.map { ($0, 1) }, uniquingKeysWith: +)
        for text in counts.filter({ $0.value > 1 }).keys.sorted() { say("\(words) \(shown(text))") }
    }
}
