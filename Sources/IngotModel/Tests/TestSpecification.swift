/// A test that a digest must pass.
public struct TestSpecification: Hashable, Sendable, Codable {
    /// The longest deadline of a command that has an instance: the daemon ends an instance at some time. One that runs twice has half of it.
    public static let longestUse = Milliseconds.minutes(60)

    public enum Kind: Hashable, Sendable, Codable {
        /// A stage of the Dockerfile: that it builds is the test.
        case stage(String)
        /// A command on the building machine, against a throwaway instance whose address is in `INGOT_URL`.
        case command([String])
        /// One of Ingot's own, against throwaway instances.
        case check(TestCheck)
    }
    public var name: String
    public var kind: Kind
    public var deadline: Milliseconds
    /// What runs beside the throwaway instance.
    public var needs: [TestNeed]
    /// The JUnit files that the command writes: a path or a pattern of glob(7), relative to the folder of `ingot.yaml`.
    public var report: String?

    public init(name: String, kind: Kind, deadline: Milliseconds, needs: [TestNeed] = [], report: String? = nil) {
        self.name = name
        self.kind = kind
        self.deadline = deadline
        self.needs = needs
        self.report = report
    }
}

/// What every immutable service has to stand, tested without a test of the service's own.
public enum TestCheck: Hashable, Sendable, Codable {
    /// The command passes against an instance, and again against a fresh one in its place.
    case statelessness(command: [String])
    /// A request that is under way when the instance is told to end is answered, and the instance ends within its grace.
    ///
    /// `request` is a path that takes a while to answer; `nil` for a request that is only half sent when the instance is told.
    case gracefulStop(request: String?)
    /// The readiness check fails when the service hangs and when it has ended.
    case readiness
}

/// A service that a test needs beside the throwaway instance, such as a database.
public struct TestNeed: Hashable, Sendable, Codable {
    /// An image of the store: a digest, a tag or a commit.
    public var image: String
    /// How the instance finds it: a DNS label.
    public var name: String
    /// The TCP port at which it is ready once it accepts connections.
    public var port: Int
    public var environment: [String: String]

    public init(image: String, name: String, port: Int, environment: [String: String] = [:]) {
        self.image = image
        self.name = name
        self.port = port
        self.environment = environment
    }

    public static let nameExpectation = "a name for the hosts file: 1 to 32 of a-z, 0-9 and '-', beginning with a letter, other than 'localhost'"

    /// Whether a text can be the name of a need: a DNS label (RFC 1123, section 2.1) in lower case, whose beginning a variable can have.
    public static func isName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (1...32).contains(bytes.count), let first = bytes.first, (97...122).contains(first), bytes.last != 45, text != "localhost" else {
            return false
        }
        return bytes.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    }

    /// `INGOT_REDIS_ADDRESS` for `redis`: the variable that tells the test's command where it is.
    public var variable: String { "INGOT_\(String(name.map { $0 == "-" ? "_" : $0 }).uppercased())_ADDRESS" }
}

extension TestNeed {
    /// How every need is run. It is no image of ours, so it gets what official images of databases ask for: root, the capabilities to give
    /// itself a user, a root it can write to (in memory), and no way out.
    public var runSettings: RunSettings {
        RunSettings(
            port: port,
            readiness: Readiness(path: nil, startInterval: 20, interval: .seconds(1), timeout: .seconds(2), rise: 1, fall: 3),
            stopGrace: .seconds(5), resources: Resources(memory: .mebibytes(512), milliCPU: 1_000, processes: 512), allowsRoot: true,
            capabilities: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_SETGID", "CAP_SETUID"], egress: .none)
    }
}
