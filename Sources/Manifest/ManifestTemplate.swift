public import IngotModel

/// The `ingot.yaml` that `ingot init` writes: complete enough to deploy, with the rest as comments.
public struct ManifestTemplate: Sendable {
    public var service: ServiceName
    public var dockerfile: String
    public var port: Int
    /// A stage of the Dockerfile that looks like one that runs tests.
    public var testStage: String?
    /// The path that a health check of the Dockerfile asks for.
    public var readinessPath: String?

    public init(
        service: ServiceName, dockerfile: String = Defaults.dockerfile.value, port: Int, testStage: String? = nil, readinessPath: String? = nil
    ) {
        self.service = service
        self.dockerfile = dockerfile
        self.port = port
        self.testStage = testStage
        self.readinessPath = readinessPath
    }

    public var text: String {
        let production = Defaults.host(of: EnvironmentName(uncheckedName: "production"), service: service)
        return """
            # What this service is, how it is tested, and where it runs.
            # Every key: docs/reference/ingot-yaml.md. What is left out has a default, shown here in comments.

            service: \(service)

            image:
              dockerfile: \(dockerfile)

            \(test)

            gates:
            \(line("  size: { fail-at: 1GiB }", "the sum of the image's layers"))

            run:
            \(line("  port: \(port)", "where the service listens for HTTP"))
            \(readiness)
            \(line("  # stop: { grace: \(Defaults.stopGrace.written) }", "SIGTERM, this long, SIGKILL"))
              # resources: { memory: \(Defaults.memory.written), cpu: \(Defaults.processors.written), processes: \(Defaults.processes.written) }
            \(line("  # writable: [/tmp]", "everything else is read-only"))
            \(line("  # configuration: [DATABASE_HOST]", "variables that each environment must give"))
            \(line("  # secrets: [DATABASE_PASSWORD]", "become files below /run/secrets"))
            \(line("  # root: allowed", "only if the image's user must be root"))
            \(line("  # egress: none", "default: \(Defaults.egress.written)"))

            environments:
              dev:
            \(line("    strategy: recreate", "the old one ends, then the new one starts"))
              production:
            \(line("    after: dev", "a digest must have run there first"))
                instances: 2
            \(line("    strategy: \(Strategy.blueGreen.word)", "new ones beside the old; or rolling, canary, recreate"))
            \(line("    # analysis: { errors: \(Defaults.errors.written), latency-p99: 300ms }", "what it must show under traffic"))
            \(line("    # host: \(service).example.com", "default: \(production)"))
            \(line("    # soak: \(Defaults.soak.value(isProduction: true))", "it must stay healthy under traffic this long"))
            \(line("    # warm: \(Defaults.warm.value(isProduction: true))", "the old release is kept, to go back at once"))

            """
    }

    /// A line with its remark, the remarks below each other.
    private func line(_ text: String, _ remark: String) -> String {
        text + String(repeating: " ", count: max(1, 42 - text.count)) + "# " + remark
    }

    private var test: String {
        let stage = line("  - { name: unit, stage: \(testStage ?? "test") }", "a stage of the Dockerfile: that it builds is the test")
        let command = line("  # - { name: smoke, run: [./smoke.sh] }", "against an instance of its own; INGOT_URL is set")
        guard testStage == nil else { return "test:\n\(stage)\n\(command)" }
        return "# test:\n" + [stage, command.replacing("# - {", with: "- {")].map { "#\($0)" }.joined(separator: "\n")
    }

    private var readiness: String {
        if let readinessPath { return "  readiness:\n" + line("    path: \(readinessPath)", "must answer 200 to 399") }
        return line("  # readiness: { path: /healthz }", "left out: an accepted connection is enough")
    }
}
