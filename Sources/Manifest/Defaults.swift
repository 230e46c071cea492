public import IngotModel

/// A value that holds where `ingot.yaml` says nothing.
public struct Default<Value: Sendable>: Sendable {
    /// The key it stands for, from the top of the file: `run.stop.grace`.
    public let key: String
    public let value: Value
    /// What holds in production instead; `nil` when it is the same.
    public let production: Value?
    public let reason: String

    init(_ key: String, _ value: Value, production: Value? = nil, because reason: String) {
        self.key = key
        self.value = value
        self.production = production
        self.reason = reason
    }

    public func value(isProduction: Bool) -> Value { isProduction ? production ?? value : value }
}

/// A row of the table of defaults, whatever its type.
public protocol DefaultRow: Sendable {
    var key: String { get }
    var reason: String { get }
    /// The value as it would be written in the file, with what holds in production.
    var written: String { get }
}

extension Default: DefaultRow {
    public var written: String {
        let everywhere = Self.written(value)
        return production.map { "\(everywhere); \(Self.written($0)) in production" } ?? everywhere
    }

    private static func written(_ value: Value) -> String {
        switch value {
        case let size as ByteSize: size.written
        case let strategy as Strategy: strategy.word
        case let egress as Egress: egress == .internet ? "internet" : "none"
        case let processors as MilliCPU: processors.written
        case let shares as CanaryShares: shares.written
        default: "\(value)"
        }
    }
}

/// Thousandths of a processor, for the table.
public struct MilliCPU: Sendable {
    public var count: Int
    var written: String { count % 1_000 == 0 ? "\(count / 1_000)" : "\(Double(count) / 1_000)" }
}

/// The shares of a canary's steps, for the table.
public struct CanaryShares: Sendable {
    public var shares: [BasisPoints]
    init(_ shares: [Int]) { self.shares = shares.map { BasisPoints($0) } }
    var written: String { "[\(shares.map(\.description).joined(separator: ", "))]" }
    public var steps: [Canary.Step] { shares.map { Canary.Step(share: $0) } }
}

/// Every default, once. The reference page is made from this table, and the parser takes its values from it.
public enum Defaults {
    public static let dockerfile = Default("image.dockerfile", "Dockerfile", because: "the name that every builder looks for")
    public static let context = Default("image.context", ".", because: "the folder of this file")
    public static let testDeadline = Default(
        "test[].deadline", Milliseconds.minutes(10), because: "a test that hangs must not hang the pipeline")

    public static let failAt = Default(
        "gates.vulnerabilities.fail-at", Severity.high, because: "below it there are more than anybody can look at, and few that are ever used")
    public static let unfixed = Default(
        "gates.vulnerabilities.unfixed", VulnerabilityPolicy.Unfixed.ignore, because: "a gate that nobody can open is taken out; they are still shown"
    )
    public static let scanner = Default(
        "gates.vulnerabilities.scanner", VulnerabilityPolicy.Scanner.ingot,
        because: "it needs nothing but the advisories, and nothing leaves this machine")
    public static let advisoriesMaximumAge = Default(
        "gates.vulnerabilities.advisories-maximum-age", Milliseconds.seconds(7 * 86_400),
        because: "what became known since the import is not found; a week bears a missed update")

    public static let startInterval = Default(
        "run.readiness.start-interval", Milliseconds(5),
        because: "a start must not wait for a timer: with two checks needed, 50ms would be most of it; a refused connection costs microseconds")
    public static let checkInterval = Default("run.readiness.interval", Milliseconds.seconds(1), because: "often enough to see a hanging instance")
    public static let checkTimeout = Default("run.readiness.timeout", Milliseconds.seconds(2), because: "longer than any healthy answer")
    public static let rise = Default("run.readiness.rise", 2, because: "one answer may be luck")
    public static let fall = Default("run.readiness.fall", 3, because: "one failure is noise")

    public static let stopGrace = Default(
        "run.stop.grace", Milliseconds.seconds(30), because: "SIGTERM, this long, then SIGKILL; by then the router has drained it already")
    public static let memory = Default("run.resources.memory", ByteSize.mebibytes(256), because: "a leak must hit its own instance only")
    public static let processors = Default("run.resources.cpu", MilliCPU(count: 1_000), because: "one busy instance must not starve the rest")
    public static let processes = Default("run.resources.processes", 512, because: "a fork bomb must end in its own instance")
    public static let egress = Default(
        "run.egress", Egress.internet, because: "most services call others; this machine and the other instances stay closed")

    public static let instances = Default("environments.*.instances", 1, because: "the least that serves")
    public static let strategy = Default(
        "environments.*.strategy", Strategy.blueGreen, because: "no request is lost, and the way back is instant")
    public static let soak = Default(
        "environments.*.soak", Milliseconds.seconds(10), production: .seconds(30), because: "what breaks under traffic breaks soon")
    public static let progressDeadline = Default(
        "environments.*.progress-deadline", Milliseconds.minutes(10), because: "in wall time: it must fire even when nothing at all happens")
    public static let drain = Default(
        "environments.*.drain", Milliseconds.seconds(30), because: "longer than most requests; those that are cut are counted and shown")
    public static let streamDrain = Default(
        "environments.*.stream-drain", Milliseconds.minutes(10), because: "spread over it, those who come back do not all come at once")
    public static let warm = Default(
        "environments.*.warm", Milliseconds.seconds(60), production: .minutes(10), because: "going back within it is one change of split")

    public static let secretsRefresh = Default(
        "environments.*.secrets-refresh", SecretRefresh.usualInterval, because: "a value that was changed by hand is expected within a minute or two")
    public static let secretsRotation = Default(
        "environments.*.secrets-rotation", SecretRotation.roll, because: "a value that was changed is not good for long where it was")

    public static let surge = Default(
        "environments.*.strategy.rolling.surge", InstanceShare.percent(25), because: "rounded up, so a service of one instance never goes dark")
    public static let unavailable = Default(
        "environments.*.strategy.rolling.unavailable", InstanceShare.count(0), because: "the new release must carry what the old one carried")
    public static let steps = Default(
        "environments.*.strategy.canary.steps", CanaryShares([500, 2_500, 7_500, 10_000]),
        because: "few are hurt while little is known, and more requests come with each step")
    public static let sticky = Default(
        "environments.*.strategy.canary.sticky", false, because: "a service without state of its own needs no cookie more")

    public static let errors = Default(
        "environments.*.analysis.errors", BasisPoints(100),
        because: "of a canary without an analysis too: few healthy services fail more, and hardly a broken one less")
    public static let requests = Default(
        "environments.*.analysis.requests", 100,
        because: "a release that fails one request in ten is mostly caught within them; 0 where nothing but metrics is asked for")
    public static let falseAlarm = Default(
        "environments.*.analysis.false-alarm", BasisPoints(100), because: "at most one good release in a hundred goes back for nothing")
    public static let metricInterval = Default(
        "environments.*.analysis.metrics[].interval", Milliseconds.seconds(30), because: "what is scraped every 15s to 1m is not newer sooner")
    public static let metricDeadline = Default(
        "environments.*.analysis.metrics[].deadline", Milliseconds.seconds(5), because: "a query that takes longer is not made for this")
    public static let metricBad = Default("environments.*.analysis.metrics[].bad", 2, because: "one number out of bounds may be noise")
    public static let metricErrors = Default(
        "environments.*.analysis.metrics[].errors", 4, because: "two minutes without a number are no reason to go back, and none to go on")

    public static let hookDeadline = Default(
        "environments.*.hooks[].deadline", Milliseconds.minutes(1), because: "a hook that hangs must not hang the rollout")

    public static let approvers = Default("environments.*.approval.approvers", 1, because: "one other person sees what the author does not")
    public static let approvalValid = Default(
        "environments.*.approval.valid", Milliseconds.minutes(1_440), because: "who agreed yesterday did not know what is known today")
    public static let signaturesRequired = Default("environments.*.signatures[].required", 1, because: "one key that is kept well is enough for most")
    public static let freezeZone = Default(
        "environments.*.freeze[].zone", FreezeWindow.utc, because: "it is the same on every machine, and nowhere are its clocks changed")

    /// Of `release-set.yaml`, so it stands on that file's page and not in the table.
    public static let releaseSetDeadline = Default(
        "deadline", Milliseconds.minutes(60), because: "longer than a few rollouts behind each other, shorter than a night")

    public static let table: [any DefaultRow] = [
        dockerfile, context, testDeadline, failAt, unfixed, scanner, advisoriesMaximumAge, startInterval, checkInterval, checkTimeout, rise, fall,
        stopGrace, memory, processors,
        processes, egress, instances, strategy, soak, progressDeadline, drain, streamDrain, warm, secretsRefresh, secretsRotation, surge, unavailable,
        steps, sticky, errors, requests, falseAlarm, metricInterval, metricDeadline, metricBad, metricErrors, hookDeadline, approvers, approvalValid,
        signaturesRequired, freezeZone,
    ]

    public static func host(of environment: EnvironmentName, service: ServiceName) -> String {
        EnvironmentSpecification.defaultHost(of: environment, service: service)
    }
}
