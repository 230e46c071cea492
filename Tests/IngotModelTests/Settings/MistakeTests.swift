// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import Foundation
import IngotModel
import Testing

/// Any JSON, told apart as JSON does.
private indirect enum JSON: Codable, Equatable {
    case null, bool(Bool), int(Int), double(Double), string(String), array([JSON]), object([String: JSON])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let int = try? value.decode(Int.self) {
            self = .int(int)
        } else if let double = try? value.decode(Double.self) {
            self = .double(double)
        } else if let string = try? value.decode(String.self) {
            self = .string(string)
        } else if let array = try? value.decode([JSON].self) {
            self = .array(array)
        } else {
            self = .object(try value.decode([String: JSON].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .bool(let bool): try value.encode(bool)
        case .int(let int): try value.encode(int)
        case .double(let double): try value.encode(double)
        case .string(let string): try value.encode(string)
        case .array(let array): try value.encode(array)
        case .object(let object): try value.encode(object)
        }
    }

    /// This with one of its values changed, once for each that is, with where that stands.
    func changing(_ change: (JSON) -> JSON?) -> [(place: String, json: JSON)] {
        if let changed = change(self) { return [("", changed)] }
        switch self {
        case .array(let array):
            return array.indices.flatMap { index in
                array[index].changing(change).map { place, json in
                    var copy = array
                    copy[index] = json
                    return ("[\(index)]\(place)", .array(copy))
                }
            }
        case .object(let object):
            return object.keys.sorted().flatMap { key in
                (object[key] ?? .null).changing(change).map { place, json in
                    ("." + key + place, .object(object.merging([key: json]) { _, new in new }))
                }
            }
        default: return []
        }
    }
}

@Suite("Settings that somebody sends")
struct MistakeTests {
    /// With a value for everything that there is.
    static func specification(_ change: (inout ServiceSpecification) -> Void = { _ in }) -> ServiceSpecification {
        let key = TrustedKey(name: "release.pub", pem: "pem")
        let rules = PromotionRules(
            approval: ApprovalRule(approvers: 2, keys: [key]),
            maximumAges: EvidenceAges(tests: .minutes(60), scan: .minutes(60), rollout: .minutes(60)),
            signatures: [SignatureRule(types: ["signature"], keys: [key], required: 1)],
            freezes: [FreezeWindow(.weekly([WeekSpan(from: 10, until: 20)]), zone: "Europe/Berlin", reason: "night")])
        let metric = MetricCheck(
            name: "load", source: .prometheus(address: "http://127.0.0.1:9090", query: "up"), least: 0.5, most: 1.5, interval: .seconds(5),
            deadline: .seconds(1), badInRow: 2, errorsInRow: 3)
        let analysis = AnalysisPolicy(
            errors: BasisPoints(100), latencies: [LatencyBound(percentile: BasisPoints(9_900), bound: 300)], baseline: BasisPoints(50), requests: 100,
            falseAlarm: BasisPoints(100), metrics: [metric])
        let canary = Canary(
            steps: [.init(share: BasisPoints(500), soak: .seconds(5)), .init(share: .whole)],
            testers: TesterMark(place: .cookie, name: "tester", value: "yes"))
        func environment(_ name: String, _ strategy: Strategy) -> EnvironmentSpecification {
            EnvironmentSpecification(
                name: EnvironmentName(name)!, after: nil, requiresApproval: name == "production", isProduction: name == "production", instances: 2,
                host: "\(name).shop.test", configuration: ["MODE": "x"],
                secretSources: ["token": .vault(VaultReference(source: "v", mount: "secret", path: "shop/live", field: "x"))], strategy: strategy,
                timing: RolloutTiming(soak: .seconds(2), progressDeadline: .seconds(20), drain: .seconds(3), warm: .seconds(3)),
                analysis: analysis,
                hooks: [RolloutHook(name: "tell", point: .after, action: .http("http://127.0.0.1:1/told"), deadline: .seconds(5))], promotion: rules)
        }
        var specification = ServiceSpecification(
            service: ServiceName("shop")!, image: ImageSource(dockerfile: "Dockerfile", context: "."),
            tests: [
                TestSpecification(
                    name: "unit", kind: .command(["true"]), deadline: .seconds(5),
                    needs: [TestNeed(image: "db:1", name: "db", port: 5_432, environment: ["A": "b"])])
            ],
            gates: GatePolicy(largestSize: .mebibytes(100), vulnerabilities: VulnerabilityPolicy()),
            run: RunSettings(
                port: 80, readiness: Readiness(path: "/healthz", startInterval: 20, interval: .seconds(1), timeout: .seconds(1), rise: 1, fall: 3),
                stopGrace: .seconds(5), resources: Resources(memory: .mebibytes(64), milliCPU: 500, processes: 64), writable: ["/tmp"],
                configurationKeys: ["MODE"], secretNames: ["token"], egress: .only(["10.0.0.5:5432"])),
            environments: [
                environment("dev", .rolling(RollingUpdate(surge: .count(1), unavailable: .percent(25)))), environment("production", .canary(canary)),
            ])
        change(&specification)
        return specification
    }

    @Test("that have a value for everything can be")
    func fine() { #expect(Self.specification().mistakes == []) }

    @Test("can't have a number anywhere that nobody can reckon with", arguments: [Int.min, -1, .max])
    func numbers(_ number: Int) throws {
        let whole = try JSONDecoder().decode(JSON.self, from: JSONEncoder().encode(Self.specification()))
        let changed = whole.changing { json in if case .int = json { .int(number) } else { nil } }
        #expect(changed.count > 60)
        for (place, json) in changed {
            let read = try? JSONDecoder().decode(ServiceSpecification.self, from: JSONEncoder().encode(json))
            #expect(read?.mistakes.isEmpty != true, "\(place) is \(number)")
        }
    }

    @Test("can't have a number of instances that nobody has", arguments: ["9223372036854775807", "1001", "101%", "-1", "x", ""])
    func shares(_ text: String) { #expect(InstanceShare(text: text) == nil) }

    static let texts: [(what: String, change: @Sendable (inout ServiceSpecification) -> Void)] = [
        ("a path that makes the address somebody else's", { $0.run.readiness.path = "@169.254.169.254/latest" }),
        ("a path of two lines", { $0.run.readiness.path = "/\r\nX: y" }),
        ("a secret with the name of a path", { $0.run.secretNames = ["../../etc/shadow"] }),
        ("a secret whose value would be at such a path", { $0.environments[0].secretFiles = ["../x": "/etc/passwd"] }),
        ("a file system in the place of the kernel's", { $0.run.writable = ["/proc/self"] }),
        ("a variable that is two", { $0.run.configurationKeys = ["A=B\nC"] }),
        ("a value with a zero byte", { $0.environments[0].configuration = ["MODE": "a\0b"] }),
        ("no host name", { $0.environments[0].host = "" }),
        ("a host name of two words", { $0.environments[0].host = "a b" }),
        ("a capability that is none", { $0.run.capabilities = ["CAP_SYS_ADMIN; x"] }),
        ("a destination without a port", { $0.run.egress = .only(["10.0.0.5"]) }),
        ("a mark with a quote", { $0.mark(TesterMark(place: .header, name: "x", value: "a\"b")) }),
        ("a mark of two headers", { $0.mark(TesterMark(place: .header, name: "x: y", value: "a")) }),
        ("a zone that is a path", { $0.environments[0].promotion.freezes = [FreezeWindow(.weekly([]), zone: "../../etc/passwd")] }),
        ("a hook that asks nobody", { $0.environments[0].hooks[0].action = .http("http://user@host/") }),
        ("a need that is the machine", { $0.tests[0].needs[0].name = "localhost" }),
        ("steps that do not grow", { $0.steps([.init(share: BasisPoints(500)), .init(share: BasisPoints(500)), .init(share: .whole)]) }),
        ("steps that never end", { $0.steps([.init(share: BasisPoints(500))]) }),
        ("more keys than anybody has", { $0.environments[0].promotion.signatures[0].keys = Array(repeating: .init(name: "a", pem: "b"), count: 17) }),
    ]

    @Test("can't have a text that means something else where it ends up", arguments: texts)
    func text(_ example: (what: String, change: @Sendable (inout ServiceSpecification) -> Void)) {
        #expect(Self.specification(example.change).mistakes.count == 1, "\(example.what): \(Self.specification(example.change).mistakes)")
    }

    static let mistakes: [(what: String, change: @Sendable (inout ServiceSpecification) -> Void)] = [
        (
            "a copy in front of production that is none",
            {
                var copy = $0.environments[1]
                (copy.isProduction, copy.requiresApproval) = (false, false)
                $0.environments.insert(copy, at: 0)
            }
        ),
        ("one host for two", { $0.environments[0].host = $0.environments[1].host }),
        ("the name of throwaways", { $0.environments[0].name = .throwaway }),
        ("an approval that is not asked for", { $0.environments[1].isProduction = false }),
        ("no instance", { $0.environments[0].instances = 0 }),
        ("too many instances", { $0.environments[0].instances = 1_001 }),
        ("sources asked without a pause", { $0.environments[0].secretRefresh.interval = 0 }),
        (
            "a path that leads out of what a service may read",
            { $0.environments[0].secretSources["A"] = .vault(VaultReference(source: "v", mount: "secret", path: "shop/../live", field: "x")) }
        ),
        ("too many environments", { $0.environments = Array(repeating: $0.environments[0], count: 33) }),
    ]

    @Test("can't mean two things at once", arguments: mistakes)
    func mistake(_ example: (what: String, change: @Sendable (inout ServiceSpecification) -> Void)) {
        #expect(Self.specification().mistakes == [])
        #expect(Self.specification(example.change).mistakes.count == 1 || example.what.hasPrefix("a copy"), "\(example.what)")
        #expect(!Self.specification(example.change).mistakes.isEmpty, "\(example.what)")
    }
}

extension ServiceSpecification {
    /// Changes the canary of production.
    fileprivate mutating func mark(_ mark: TesterMark) { change { $0.testers = mark } }
    fileprivate mutating func steps(_ steps: [Canary.Step]) { change { $0.steps = steps } }

    private mutating func change(_ change: (inout Canary) -> Void) {
        guard case .canary(var canary) = environments[1].strategy else { return }
        change(&canary)
        environments[1].strategy = .canary(canary)
    }
}
