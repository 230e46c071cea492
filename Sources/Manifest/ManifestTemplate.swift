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

    public init(service: ServiceName, dockerfile: String = Defaults.dockerfile.value, port: Int, testStage: String? = nil, readinessPath: String? = nil) {
        self.service = service
        self.dockerfile = dockerfile
        self.port = port
        self.testStage = testStage
        self.readinessPath = readinessPath
    }

    public var text: String {
        """
        # What this service is, how it is tested, and where it runs.
        # Every key: docs/reference/ingot-yaml.md. What is left out has a default, shown here in comments.

        service: \(service)

        image:
          dockerfile: \(dockerfile)

        \(test)

        gates:
          size: { fail-at: 1GiB }                # the sum of the image's layers

        run:
          port: \(port)                             # where the service listens for HTTP
          readiness:
        \(readiness)
          # stop: { grace: \(Defaults.stopGrace.written) }                # SIGTERM, this long, SIGKILL
          # resources: { memory: \(Defaults.memory.written), cpu: \(Defaults.processors.written), processes: \(Defaults.processes.written) }
          # writable: [/tmp]                     # everything else is read-only
          # configuration: [DATABASE_HOST]       # variables that each environment must give
          # secrets: [DATABASE_PASSWORD]         # become files below /run/secrets
          # root: allowed                        # only if the image's user must be root
          # egress: none                         # default: \(Defaults.egress.written)

        environments:
          dev:
            strategy: recreate                   # old one ends, new one starts
          production:
            after: dev                           # a digest must have run there first
            instances: 2
            strategy: \(Strategy.blueGreen.rawValue)                 # new ones beside the old, then all traffic moves
            # host: \(service).example.com        # default: \(Defaults.host(of: EnvironmentName(uncheckedName: "production"), service: service))
            # soak: \(Defaults.soak.value(isProduction: true))                          # must stay healthy under traffic this long
            # warm: \(Defaults.warm.value(isProduction: true))                          # the old release is kept, to go back at once

        """
    }

    private var test: String {
        guard let testStage else {
            return """
                # test:
                #   - { name: unit, stage: test }        # a stage of the Dockerfile: that it builds is the test
                #   - { name: smoke, run: [./smoke.sh] } # against an instance of its own; INGOT_URL is set
                """
        }
        return """
            test:
              - { name: unit, stage: \(testStage) }          # a stage of the Dockerfile: that it builds is the test
              # - { name: smoke, run: [./smoke.sh] } # against an instance of its own; INGOT_URL is set
            """
    }

    private var readiness: String {
        guard let readinessPath else { return "    # path: /healthz                     # left out: an accepted connection is enough\n    interval: \(Defaults.checkInterval.written)" }
        return "    path: \(readinessPath)                       # must answer 200 to 399"
    }
}
