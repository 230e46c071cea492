// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import IngotModel
import Simulation
import Testing

private let shop = AccessScope.service(ServiceName("shop")!)
private let till = AccessScope.service(ServiceName("till")!)
private let dev = AccessScope.environment(EnvironmentID(text: "shop/dev")!)
private let production = AccessScope.environment(EnvironmentID(text: "shop/production")!)
private let scopes = [AccessScope.everything, shop, till, dev, production, .environment(EnvironmentID(text: "till/dev")!)]

@Suite("Roles, scopes and what they add up to")
struct RoleTests {
    /// As docs/reference/access.md says it, outside production and in it.
    static let table: [(Role, outside: Set<Permission>, production: Set<Permission>)] = [
        (.viewer, [.read], [.read]),
        (.developer, [.read, .register, .test, .deploy, .rollBack, .promote], [.read, .register, .test]),
        (.approver, [.read, .approve], [.read, .approve]),
        (
            .operator, [.read, .register, .test, .deploy, .rollBack, .promote, .freeze, .reject, .configureProduction],
            [.read, .register, .test, .deploy, .rollBack, .promote, .freeze, .reject, .configureProduction]
        ),
        (.administrator, Set(Permission.allCases), Set(Permission.allCases)),
    ]

    @Test("each role may do what its row says, and no more", arguments: table)
    func rows(_ row: (role: Role, outside: Set<Permission>, production: Set<Permission>)) {
        #expect(row.role.permissions(isProduction: false) == row.outside)
        #expect(row.role.permissions(isProduction: true) == row.production)
    }

    @Test(
        "every role has a row; viewer, developer and operator are steps, approver stands beside them, nobody approves but approvers and administrators"
    )
    func order() {
        #expect(Set(Self.table.map(\.0)) == Set(Role.allCases))
        for isProduction in [true, false] {
            let steps = [Role.viewer, .developer, .operator, .administrator].map { $0.permissions(isProduction: isProduction) }
            for (lower, higher) in zip(steps, steps.dropFirst()) { #expect(lower.isSubset(of: higher)) }
            #expect(Role.viewer.permissions(isProduction: isProduction).isSubset(of: Role.approver.permissions(isProduction: isProduction)))
            #expect(Set(Role.allCases.filter { $0.has(.approve, isProduction: isProduction) }) == [.approver, .administrator])
            #expect(Role.allCases.filter { $0.has(.manageAccess, isProduction: isProduction) } == [.administrator])
            #expect(Role.allCases.filter { $0.has(.configureHost, isProduction: isProduction) } == [.administrator])
            #expect(Role.operator.has(.rollBack, isProduction: isProduction))
        }
    }

    @Test("no role may do more in production than outside")
    func noMoreInProduction() {
        for role in Role.allCases { #expect(role.permissions(isProduction: true).isSubset(of: role.permissions(isProduction: false))) }
    }

    @Test("a scope holds itself and what is in it, and nothing else")
    func containment() {
        let contained: [AccessScope: Set<AccessScope>] = [
            .everything: Set(scopes), shop: [shop, dev, production], dev: [dev], production: [production],
        ]
        for (outer, inner) in contained { for scope in scopes { #expect(outer.contains(scope) == inner.contains(scope), "\(outer) and \(scope)") } }
        for scope in scopes { #expect(AccessScope(text: scope.text) == scope) }
        for text in ["", "**", "Shop", "shop/", "/dev", "shop/dev/1", "shop dev", "../shop"] { #expect(AccessScope(text: text) == nil, "\(text)") }
    }

    @Test("one more grant takes nothing away, a token's limit gives nothing, and what is covered is allowed", arguments: 1...200)
    func properties(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let any = { (random: inout SeededGenerator) in Grant(Role.allCases.randomElement(using: &random)!, on: scopes.randomElement(using: &random)!)
        }
        let grants = (0..<Int(random.next() % 4)).map { _ in any(&random) }
        let (more, limit) = (any(&random), any(&random))
        for permission in Permission.allCases {
            for scope in scopes {
                for isProduction in [true, false] {
                    let allowed = Rights(grants).allow(permission, in: scope, isProduction: isProduction)
                    let withMore = Rights(grants + [more]).allow(permission, in: scope, isProduction: isProduction)
                    let withLimit = Rights(grants, limit: limit).allow(permission, in: scope, isProduction: isProduction)
                    let byLimit = Rights([limit]).allow(permission, in: scope, isProduction: isProduction)
                    #expect(!allowed || withMore)
                    #expect(withLimit == (allowed && byLimit))
                    if withLimit { #expect(Rights(grants, limit: limit).allowSomewhere(permission)) }
                    if Rights(grants).cover(limit), byLimit { #expect(allowed) }
                }
            }
        }
    }
}

@Suite("What it takes to change a service's settings")
struct SpecificationPermissionTests {
    static func specification(_ change: (inout ServiceSpecification) -> Void = { _ in }) -> ServiceSpecification {
        let service = ServiceName("shop")!
        let environments = [("dev", false), ("production", true)].map { name, isProduction in
            EnvironmentSpecification(
                name: EnvironmentName(name)!, after: nil, requiresApproval: isProduction, isProduction: isProduction, instances: 1,
                host: EnvironmentSpecification.defaultHost(of: EnvironmentName(name)!, service: service), configuration: [:], strategy: .blueGreen,
                timing: RolloutTiming(soak: 0, progressDeadline: .minutes(1), drain: 0, warm: 0))
        }
        let run = RunSettings(
            port: 80, readiness: Readiness(path: nil, startInterval: 5, interval: 1_000, timeout: 1_000, rise: 2, fall: 3), stopGrace: 0,
            resources: Resources(memory: .mebibytes(64), milliCPU: 100, processes: 10))
        var specification = ServiceSpecification(
            service: service, image: ImageSource(dockerfile: "Dockerfile", context: "."),
            tests: [TestSpecification(name: "unit", kind: .command(["true"]), deadline: .seconds(1))], gates: GatePolicy(), run: run,
            environments: environments)
        change(&specification)
        return specification
    }

    static let hook = RolloutHook(name: "x", point: .before, action: .command(["id"]), deadline: .seconds(1))

    static let changes: [(what: String, change: @Sendable (inout ServiceSpecification) -> Void, needed: Set<Permission>)] = [
        ("nothing", { _ in }, []),
        ("a port, which production has too", { $0.run.port = 81 }, [.configureProduction]),
        ("a command in the place of the image's", { $0.run.command = ["sh"] }, [.configureProduction]),
        ("dev's size", { $0.environments[0].instances = 2 }, []),
        ("another test", { $0.tests.append(TestSpecification(name: "more", kind: .command(["true"]), deadline: 1)) }, []),
        ("no egress", { $0.run.egress = .none }, [.configureProduction]),
        ("production's size", { $0.environments[1].instances = 2 }, [.configureProduction]),
        ("no approval", { $0.environments[1].requiresApproval = false }, [.configureProduction]),
        ("production that is none any more", { $0.environments[1].isProduction = false }, [.configureProduction]),
        ("production left out", { $0.environments.removeLast() }, [.configureProduction]),
        ("a gate", { $0.gates.largestSize = .mebibytes(1) }, [.configureProduction]),
        ("a test left out", { $0.tests = [] }, [.configureProduction]),
        ("a host name", { $0.environments[0].host = "shop.example.com" }, [.configureProduction]),
        ("a command in dev", { $0.environments[0].hooks = [hook] }, [.configureHost]),
        ("a command in production", { $0.environments[1].hooks = [hook] }, [.configureHost, .configureProduction]),
        ("a file of the daemon's machine", { $0.environments[0].secretFiles = ["A": "/etc/shadow"] }, [.configureHost]),
        (
            "a place in a source that the daemon may read",
            { $0.environments[0].secretSources = ["A": .vault(VaultReference(source: "bao", mount: "secret", path: "others", field: "a"))] },
            [.configureHost]
        ),
        (
            "a value that was encrypted for this environment",
            { $0.environments[0].secretSources = ["A": .sealed(SealedReference(file: "secrets.yaml", box: "AA=="))] }, []
        ),
        ("a capability", { $0.run.capabilities = ["CAP_SYS_ADMIN"] }, [.configureHost, .configureProduction]),
        ("root", { $0.run.allowsRoot = true }, [.configureHost, .configureProduction]),
        ("an address that may be the machine's", { $0.run.egress = .only(["127.0.0.1:22"]) }, [.configureHost, .configureProduction]),
    ]

    @Test("nobody gets the daemon's rights, or changes production, by what only says how a service runs", arguments: changes)
    func change(_ example: (what: String, change: @Sendable (inout ServiceSpecification) -> Void, needed: Set<Permission>)) {
        #expect(Self.specification(example.change).permissions(toReplace: Self.specification()) == example.needed, "\(example.what)")
    }

    @Test("what is in force already takes nothing more, and a new service with production takes who may set that")
    func kept() {
        let powerful = Self.specification { $0.environments[0].hooks = [Self.hook] }
        var changed = powerful
        changed.environments[0].instances = 2
        #expect(changed.permissions(toReplace: powerful) == [])
        #expect(Self.specification().permissions(toReplace: powerful) == [])
        #expect(Self.specification().permissions(toReplace: nil) == [.configureProduction])
        #expect(Self.specification { $0.environments.removeLast() }.permissions(toReplace: nil) == [])
    }

    @Test("instances are let out by an administrator only, and kept in by anybody; only production says more")
    func egress() {
        let none = Self.specification { ($0.run.egress, $0.environments) = (.none, [$0.environments[0]]) }
        let some = Self.specification { ($0.run.egress, $0.environments) = (.only(["10.0.0.5:5432"]), [$0.environments[0]]) }
        let all = Self.specification { $0.environments.removeLast() }
        let changes: [(before: ServiceSpecification?, after: ServiceSpecification, needed: Set<Permission>)] = [
            (none, all, [.configureHost]), (some, all, [.configureHost]), (none, some, [.configureHost]), (all, some, [.configureHost]),
            (all, none, []), (some, none, []), (some, some, []), (nil, all, []), (nil, some, [.configureHost]),
        ]
        for (before, after, needed) in changes {
            #expect(after.permissions(toReplace: before) == needed, "\(String(describing: before?.run.egress)) to \(after.run.egress)")
        }
    }

    @Test("what was left out and still serves is production to whoever takes it up again")
    func retired() {
        let without = Self.specification { $0.environments.removeLast() }
        let anew = Self.specification { ($0.environments[1].isProduction, $0.environments[1].requiresApproval) = (false, false) }
        #expect(anew.permissions(toReplace: without, retired: [EnvironmentName("production")!]) == [.configureProduction])
        #expect(without.permissions(toReplace: without, retired: [EnvironmentName("production")!]) == [])
        #expect(anew.permissions(toReplace: without) == [])
    }
}
