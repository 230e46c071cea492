import IngotModel
import Testing

@testable import Manifest

@Suite struct ManifestTests {
    static let minimal = """
        service: shop
        run: { port: 8080 }
        environments: { dev: }
        """

    private func parse(_ text: String) -> Parsed<ServiceSpecification> { Manifest.parse(text) }
    private func messages(_ text: String) -> [String] { parse(text).diagnostics.map(\.description) }

    @Test("the least there can be takes every default")
    func minimal() throws {
        let parsed = parse(Self.minimal)
        #expect(parsed.diagnostics.isEmpty)
        let service = try #require(parsed.value)
        #expect(service.service.name == "shop")
        #expect(service.image == ImageSource(dockerfile: "Dockerfile", context: "."))
        #expect(
            service.run.readiness == Readiness(path: nil, startInterval: 5, interval: 1_000, timeout: 2_000, rise: 2, fall: 3))
        #expect(service.run.stopGrace == .seconds(30))
        #expect(service.run.resources == Resources(memory: .mebibytes(256), milliCPU: 1_000, processes: 512))
        #expect(service.run.egress == .internet)
        let dev = try #require(service.environments.first)
        #expect(dev.host == "dev.shop.localhost")
        #expect(dev.instances == 1)
        #expect(dev.strategy == .blueGreen)
        #expect(!dev.isProduction)
        #expect(dev.timing == RolloutTiming(soak: .seconds(10), progressDeadline: .minutes(10), drain: .seconds(30), warm: .seconds(60)))
    }

    @Test("everything that is written is read")
    func everything() throws {
        let parsed = parse(
            """
            service: shop
            image: { dockerfile: deploy/Dockerfile, context: .., target: server }
            test:
              - { name: unit, stage: test }
              - { name: smoke, run: [./smoke.sh, "--url"], deadline: 30s }
            gates: { size: { fail-at: 500MiB } }
            run:
              port: 8443
              command: [/server, ""]
              readiness: { path: /healthz, start-interval: 20ms, interval: 3s, timeout: 1s, rise: 1, fall: 4 }
              stop: { grace: 1m30s }
              resources: { memory: 1.5GiB, cpu: 0.25, processes: 64 }
              writable: [/tmp, /var/cache/shop/]
              configuration: [DATABASE_HOST, WORKERS]
              secrets: [database-password]
              root: allowed
              capabilities: [net_bind_service]
              egress: [10.0.0.5:5432, 192.168.0.0/16:443]
            environments:
              production:
                after: dev
                instances: 4
                host: shop.example.com
                configuration: { DATABASE_HOST: db.internal, WORKERS: 4 }
                secrets: { database-password: /etc/shop/password }
                strategy: blue-green
                soak: 1s
                progress-deadline: 2m
                drain: 3s
                warm: 0s
              dev:
                strategy: recreate
                configuration: { DATABASE_HOST: localhost, WORKERS: "1" }
                secrets: { database-password: /etc/shop/dev-password }
            """)
        #expect(parsed.diagnostics.isEmpty)
        let service = try #require(parsed.value)
        #expect(service.image == ImageSource(dockerfile: "deploy/Dockerfile", context: "..", target: "server"))
        #expect(
            service.tests == [
                TestSpecification(name: "unit", kind: .stage("test"), deadline: .minutes(10)),
                TestSpecification(name: "smoke", kind: .command(["./smoke.sh", "--url"]), deadline: .seconds(30)),
            ])
        #expect(service.gates == GatePolicy(largestSize: .mebibytes(500)))
        #expect(
            service.run
                == RunSettings(
                    port: 8443, command: ["/server", ""],
                    readiness: Readiness(path: "/healthz", startInterval: 20, interval: 3_000, timeout: 1_000, rise: 1, fall: 4),
                    stopGrace: .seconds(90), resources: Resources(memory: .mebibytes(1_536), milliCPU: 250, processes: 64),
                    writable: ["/tmp", "/var/cache/shop"], configurationKeys: ["DATABASE_HOST", "WORKERS"],
                    secretNames: ["database-password"], allowsRoot: true, capabilities: ["CAP_NET_BIND_SERVICE"],
                    egress: .only(["10.0.0.5:5432", "192.168.0.0/16:443"])))
        #expect(service.environments.map(\.name.name) == ["dev", "production"])
        let production = try #require(service.environments.last)
        #expect(production.isProduction)
        #expect(production.configuration == ["DATABASE_HOST": "db.internal", "WORKERS": "4"])
        #expect(production.secretFiles == ["database-password": "/etc/shop/password"])
        #expect(production.timing == RolloutTiming(soak: .seconds(1), progressDeadline: .minutes(2), drain: .seconds(3), warm: 0))
    }

    @Test("production is what is called so, or asks for approval", arguments: ["production: {}", "live: { approval: required }"])
    func production(environment: String) throws {
        let parsed = parse("service: shop\nrun: { port: 80 }\nenvironments:\n  \(environment)")
        let environment = try #require(parsed.value?.environments.first)
        #expect(environment.isProduction)
        #expect(environment.timing.soak == .seconds(30))
        #expect(environment.timing.warm == .minutes(10))
    }

    @Test("anchors, aliases and merge keys are followed; what is written beside a merge wins")
    func anchors() throws {
        let parsed = parse(
            """
            service: shop
            run: { port: 80 }
            environments:
              dev: &common { instances: 3, soak: 5s }
              staging: { <<: *common, instances: 4 }
            """)
        #expect(parsed.diagnostics.isEmpty)
        #expect(parsed.value?.environments.map(\.instances) == [3, 4])
        #expect(parsed.value?.environments.map(\.timing.soak) == [5_000, 5_000])
    }

    @Test("one mistake is one diagnostic, at its place, with what to write", arguments: Self.mistakes)
    func mistake(_ mistake: Mistake) {
        #expect(messages(mistake.text) == ["ingot.yaml:\(mistake.says)"])
        #expect(parse(mistake.text).value == nil)
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        var text: String
        var says: String
        var testDescription: String { says }

        /// With `line` as line 2 of a section that is right otherwise.
        static func inRun(_ line: String, _ says: String) -> Mistake {
            Mistake(text: "service: shop\nrun:\n  port: 80\n  \(line)\nenvironments: { dev: }", says: says)
        }
        static func inEnvironment(_ line: String, _ says: String) -> Mistake {
            Mistake(text: "service: shop\nrun: { port: 80 }\nenvironments:\n  dev:\n    \(line)", says: says)
        }
    }

    static let mistakes: [Mistake] = [
        Mistake(text: "", says: "1:1: error: the file is empty; `ingot init` writes one with comments"),
        Mistake(text: "# nothing\n", says: "1:1: error: the file is empty; `ingot init` writes one with comments"),
        Mistake(text: "- a\n- b", says: "1:1: error: the file is a list; expected keys with values"),
        Mistake(text: "just text", says: "1:1: error: the file is the text 'just text'; expected keys with values"),
        Mistake(
            text: "service: shop\nrun: { port: 80 }\nenvironments:\n  throwaway: {}",
            says: "4:3: error: 'throwaway' can't be the name of an environment: instances for tests are run under it; choose another"),
        Mistake(
            text: "run: { port: 80 }\nenvironments: { dev: }",
            says: "1:1: error: the file has no 'service'; add 'service:' with the service's name"),
        Mistake(
            text: "service: shop\nenvironments: { dev: }",
            says: "1:1: error: the file has no 'run'; add 'run:' with at least the 'port:' at which the service listens"),
        Mistake(
            text: "service: shop\nrun:\n  stop: { grace: 1s }\nenvironments: { dev: }",
            says: "2:1: error: 'run' has no 'port'; add 'port:' with the TCP port at which the service listens"),
        Mistake(
            text: "service: shop\nrun: { port: 80 }",
            says: "1:1: error: the file has no 'environments'; add 'environments:' with at least one name, such as 'dev: {}'"),
        Mistake(
            text: "service: shop\nrun: { port: 80 }\nenvironments: {}",
            says: "3:1: error: 'environments' has 0 entries; 1 to 32 are allowed"),
        Mistake(
            text: "service: Shop\nrun: { port: 80 }\nenvironments: { dev: }",
            says:
                "1:10: error: 'service' is 'Shop'; expected a service name: 1 to 40 of a-z, 0-9 and '-', beginning with a letter, not ending with '-'"
        ),
        Mistake(
            text: "service: shop\nenviroments: {}\nrun: { port: 80 }\nenvironments: { dev: }",
            says: "2:1: error: unknown key 'enviroments'; did you mean 'environments'?"),
        Mistake(
            text: "service: shop\nfoo: 1\nrun: { port: 80 }\nenvironments: { dev: }",
            says: "2:1: error: unknown key 'foo'; known here: service, image, test, gates, run, environments"),
        Mistake(
            text: "service: shop\nservice: shop\nrun: { port: 80 }",
            says: "2:1: error: 'service' is given twice; the first one is in line 1"),
        .inRun("prot: 81", "4:3: error: unknown key 'prot' in 'run'; did you mean 'port'?"),
        .inRun("port: 81", "4:3: error: 'port' is given twice; the first one is in line 3"),
        .inRun("writable: /tmp", "4:13: error: 'run.writable' is the text '/tmp'; expected a list; write '[/tmp]'"),
        .inRun(
            "writable: [/tmp, /proc/x]",
            "4:20: error: 'run.writable' is '/proc/x'; expected an absolute path without '..', other than / and what lies below /proc, /sys, /dev or /run/secrets"
        ),
        .inRun("writable: [/tmp, /tmp/]", "4:20: error: '/tmp' stands in 'run.writable' twice"),
        .inRun("stop: 30s", "4:9: error: 'run.stop' is the text '30s'; expected keys with values"),
        .inRun(
            "stop: { grace: 30 }",
            "4:18: error: 'run.stop.grace' is '30'; expected a duration from 0s to 1h, such as 250ms, 30s, 10m or 1h30m; a number needs a unit: write '30s' for seconds"
        ),
        .inRun(
            "resources: { memory: 256 }",
            "4:24: error: 'run.resources.memory' is '256'; expected a size from 4MiB to 4TiB, such as 256MiB; a number without a unit counts bytes: did you mean '256MiB'?"
        ),
        .inRun(
            "resources: { memory: 256m }",
            "4:24: error: 'run.resources.memory' is '256m'; expected a size from 4MiB to 4TiB, such as 256MiB; write '256MiB'"),
        .inRun(
            "resources: { cpu: 500m }",
            "4:21: error: 'run.resources.cpu' is '500m'; expected a number of processors from 0.01 to 1024, such as 0.5; write 0.5"),
        .inRun("resources: [1]", "4:14: error: 'run.resources' is a list; expected keys with values"),
        .inRun("resources:", "4:3: error: 'run.resources' has no value"),
        .inRun("root: true", "4:9: error: 'run.root' is 'true'; expected 'allowed'"),
        .inRun(
            "capabilities: [NET_BIND_SERVIC]",
            "4:18: error: 'run.capabilities' is 'NET_BIND_SERVIC'; expected a Linux capability such as CAP_NET_BIND_SERVICE; did you mean 'CAP_NET_BIND_SERVICE'?"
        ),
        .inRun("egress: intranet", "4:11: error: 'run.egress' is 'intranet'; expected one of none, internet; did you mean 'internet'?"),
        .inRun(
            "egress: [db.internal:5432]",
            "4:12: error: 'run.egress' is 'db.internal:5432'; expected an IPv4 address or range with a port, such as 10.0.0.5:5432 or 192.168.0.0/16:443; names are not looked up: an address that changed behind a name would open a way nobody allowed"
        ),
        .inRun(
            "readiness: { path: healthz }",
            "4:22: error: 'run.readiness.path' is 'healthz'; expected the path of a request, beginning with '/', without spaces; write '/healthz'"),
        .inRun("readiness: { rise: two }", "4:22: error: 'run.readiness.rise' is 'two'; expected a whole number from 1 to 100"),
        .inRun(
            "configuration: [2ND]",
            "4:19: error: 'run.configuration' is '2ND'; expected a variable's name: letters, digits and '_', not beginning with a digit"),
        .inRun("command: []", "4:3: error: 'run.command' has no command in it; leave it out to keep the image's"),
        .inEnvironment("instances: 0", "5:16: error: 'environments.dev.instances' is '0'; expected a whole number from 1 to 100"),
        .inEnvironment(
            "strategy: bluegreen",
            "5:15: error: 'environments.dev.strategy' is 'bluegreen'; expected one of recreate, rolling, blue-green, canary; did you mean 'blue-green'?"
        ),
        .inEnvironment("after: prod", "5:12: error: there is no environment 'prod'; known here: dev"),
        .inEnvironment("after: dev", "5:12: error: 'dev' comes after itself: dev after dev; let the first environment have no 'after'"),
        .inEnvironment(
            "host: Shop.example.com",
            "5:11: error: 'environments.dev.host' is 'Shop.example.com'; expected a host name in lower case, such as shop.example.com; write 'shop.example.com'"
        ),
        .inEnvironment("approval: yes", "5:15: error: 'environments.dev.approval' is 'yes'; expected one of required, none"),
        .inEnvironment(
            "configuration: { MODE: fast }",
            "5:22: error: run.configuration does not ask for 'MODE'; add 'MODE' to run.configuration"),
        Mistake(
            text: "service: shop\nrun: { port: 80, configuration: [MODE] }\nenvironments:\n  dev: { instances: 1 }",
            says:
                "4:3: error: 'environments.dev' gives no value for 'MODE', which run.configuration asks for; add it under 'environments.dev.configuration'"
        ),
        Mistake(
            text: "service: shop\nrun: { port: 80, configuration: [MODE] }\nenvironments:\n  dev: { configuration: { MODE: } }",
            says: "4:27: error: 'MODE' has no value; write \"\" for an empty text"),
        Mistake(
            text: "service: shop\nrun: { port: 80, secrets: [key] }\nenvironments:\n  dev: { secrets: { key: key.txt } }",
            says:
                "4:26: error: 'environments.dev.secrets.key' is 'key.txt'; expected a path of a file on the machine of the daemon, beginning with '/'"
        ),
        Mistake(
            text: "service: shop\nrun: { port: 80 }\nenvironments:\n  a: { host: x.test }\n  b: { host: x.test }",
            says: "5:14: error: the host 'x.test' is that of 'a' already; the router tells environments apart by their host"),
        Mistake(
            text: "service: shop\nrun: { port: 80 }\nenvironments: { dev: }\ntest:\n  - { name: unit }",
            says: "5:5: error: 'test[]' has no 'run'; add 'stage:' with a stage of the Dockerfile, 'run:' with a command, "
                + "or 'check:' with a test of Ingot's own"),
        Mistake(
            text: "service: shop\nrun: { port: 80 }\nenvironments: { dev: }\ntest:\n  - { name: unit, stage: a, run: [b] }",
            says: "5:29: error: a test has either 'stage' or 'run', not both"),
        Mistake(
            text: "service: shop\nrun: { port: 80 }\nenvironments: { dev: }\ntest:\n  - { name: a, stage: a }\n  - { name: a, stage: b }",
            says: "6:7: error: two tests are called 'a'"),
        Mistake(
            text: "service: shop\nrun: { port: 80 }\nenvironments: { dev: }\ngates: { size: { fail-at: big } }",
            says: "4:27: error: 'gates.size.fail-at' is 'big'; expected a size from 1B to 1TiB, such as 256MiB"),
        Mistake(
            text: "service: shop\nrun: *nowhere",
            says: "2:6: error: not YAML: found undefined alias"),
        Mistake(
            text: "service: shop\n\trun: {}",
            says:
                "2:1: error: not YAML: found a tab character that violates indentation (while scanning a plain scalar, line 1); YAML is indented with spaces"
        ),
        Mistake(
            text: "service: @shop",
            says:
                "1:10: error: not YAML: found character that cannot start any token (while scanning for the next token, line 1); YAML is indented with spaces, and a text that begins with @, ` or % needs quotes"
        ),
        Mistake(
            text: "service: shop\n  run: {}",
            says:
                "2:6: error: not YAML: mapping values are not allowed in this context; is the line before indented differently, or does a text with ': ' in it lack quotes?"
        ),
    ]

    @Test("all mistakes are told, in the order of the file")
    func all() {
        let found = messages(
            """
            servce: shop
            run:
              port: eighty
              readiness: { pth: / }
            environments:
              dev: { instances: many, after: stagng }
              staging: { warm: 1 }
            """)
        #expect(
            found.map { $0.prefix { $0 != ";" } } == [
                "ingot.yaml:1:1: error: unknown key 'servce'",
                "ingot.yaml:1:1: error: the file has no 'service'",
                "ingot.yaml:3:9: error: 'run.port' is 'eighty'",
                "ingot.yaml:4:16: error: unknown key 'pth' in 'run.readiness'",
                "ingot.yaml:6:21: error: 'environments.dev.instances' is 'many'",
                "ingot.yaml:6:34: error: there is no environment 'stagng'",
                "ingot.yaml:7:20: error: 'environments.staging.warm' is '1'",
            ])
    }

    @Test("columns count what people see, not bytes or code points")
    func columns() {
        // é as two code points, and a flag as two: 6 characters of text before the key.
        let found = parse("service: shop\nrun: { port: 80 }\nenvironments: { dev: { host: \"e\u{301}🇩🇪\", soka: 1s } }").diagnostics
        #expect(found.map(\.location.column) == [30, 36])
    }

    @Test("environments that stand behind each other are told with the whole circle")
    func circle() {
        let found = messages(
            "service: shop\nrun: { port: 80 }\nenvironments:\n  a: { after: b }\n  b: { after: c }\n  c: { after: a }\n  d: {}")
        #expect(
            found == [
                "ingot.yaml:4:15: error: 'a' comes after itself: a after b after c after a; let the first environment have no 'after'",
                "ingot.yaml:5:15: error: 'b' comes after itself: b after c after a after b; let the first environment have no 'after'",
                "ingot.yaml:6:15: error: 'c' comes after itself: c after a after b after c; let the first environment have no 'after'",
            ])
    }

    @Test("what this version does not enforce is a warning, and the rest holds")
    func notEnforced() throws {
        let parsed = parse(
            """
            service: shop
            gates:
              vulnerabilities: { fail-at: high, unfixed: ignore, exceptions: [{ id: CVE-2026-0001, until: 2027-01-01, reason: not reachable }] }
            run: { port: 80 }
            environments:
              dev: { maximum-age: 7d }
              staging: { maximum-age: off }
            """)
        #expect(
            parsed.diagnostics.map(\.description) == [
                "ingot.yaml:3:3: warning: 'gates.vulnerabilities' is not enforced by this version; images are not scanned yet",
                "ingot.yaml:6:10: warning: 'environments.dev.maximum-age' is not enforced by this version; instances are not replaced for their age yet",
            ])
        #expect(parsed.value != nil)
    }

    @Test("approval is read, so that the gate can be closed")
    func approval() throws {
        let parsed = parse("service: shop\nrun: { port: 80 }\nenvironments: { production: { approval: required } }")
        #expect(parsed.value?.environments.first?.requiresApproval == true)
    }

    @Test(
        "hostile files end in a diagnostic",
        arguments: [
            String(repeating: "[", count: 5_000),
            String(repeating: "a: ", count: 20_000),
            String(repeating: "- ", count: 20_000),
            "a: &a [x]\n" + (1...60).map { "b\($0): [*a, *a]\n" }.joined(),
            "service: \u{0}",
            "service: \"\\uD800\"",
            "? [a, b]\n: c",
            "!!binary x: y",
            "%YAML 9.9\n---\na: b",
            "--- a\n--- b",
            "a: &x { b: *x }",
            String(repeating: "x", count: (1 << 20) + 1),
        ])
    func hostile(text: String) {
        let parsed = parse(text)
        #expect(parsed.value == nil)
        #expect(parsed.diagnostics.contains { $0.severity == .error })
        #expect(parsed.diagnostics.count <= 100)
    }

    @Test("the file's size has a limit, which is named")
    func size() {
        #expect(
            messages(String(repeating: "#", count: (1 << 20) + 1)) == ["ingot.yaml:1:1: error: the file has 1 MiB; at most 1 MiB are read"])
    }
}
