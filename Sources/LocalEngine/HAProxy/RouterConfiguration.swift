import Engine
import IngotModel

/// What HAProxy is given at its start and can't be told while it runs.
public struct RouterConfiguration: Hashable, Sendable, Codable {
    /// Where users reach it, as HAProxy writes it: `*:80`, `127.0.0.1:8080`, `[::]:80`.
    public var binds: [String]
    /// How many connections of users it takes at the same time; `nil` derives it from the limit of open files.
    public var maximumConnections: Int?
    /// `nil` for one a processor.
    public var threads: Int?
    /// Where the program is; `nil` looks in `PATH` and in `/usr/sbin`.
    public var program: String?

    public init(binds: [String] = ["*:80"], maximumConnections: Int? = nil, threads: Int? = nil, program: String? = nil) {
        self.binds = binds
        self.maximumConnections = maximumConnections
        self.threads = threads
        self.program = program
    }

    /// - Throws: `router.bad-bind` for an address that is not one: it would become part of HAProxy's configuration.
    func validate() throws {
        guard !binds.isEmpty else {
            throw EngineError(
                code: "router.bad-bind", message: "the router has no address to listen on", remedy: "give one, such as *:80", fault: .user)
        }
        for bind in binds where !Self.isBind(bind) {
            throw EngineError(
                code: "router.bad-bind", message: "'\(bind)' is not an address that the router can listen on",
                remedy: "write it as *:80, 127.0.0.1:8080 or [::]:80", fault: .user)
        }
    }

    private static func isBind(_ text: String) -> Bool {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (1...65_535).contains(port)
        else { return false }
        return text[..<colon].utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || "*.:[]-".utf8.contains(byte)
        }
    }

    /// How many connections fit into a limit of open files.
    ///
    /// Each takes two, one to the user and one to the instance. The rest is for listeners, checks and idle
    /// connections: with 20,000 files HAProxy refuses to start with 20,000 connections.
    static func connections(openFiles limit: Int) -> Int {
        let reserve = min(2_048, limit / 4)
        return min(100_000, max(64, (limit - reserve) / 2))
    }
}

/// The limits of the router, each with its reason.
enum RouterLimits {
    /// Backends of each kind made in advance, because 2.6 can't add one at run time. Grown by doubling, with a reload.
    static let slots = 64
    static let mostSlots = 4_096
    /// How often a server is added whose first check HAProxy overlooks.
    static let firstCheckAttempts = 4
    /// Log records that wait in HAProxy's memory while no daemon reads them.
    static let ringBytes = 16 << 20
    static let healthRingBytes = 64 << 10
    /// How long a readiness check may take where nothing else is said.
    static let checkTimeout: Milliseconds = 2_000
    /// Servers with streams that HAProxy counts.
    static let streamServers = 100_000
    /// Bytes of the name and of the value of what marks a tester.
    static let markBytes = 256
    /// How long is waited until streams that were closed are gone, so that they are not counted again.
    static let closing = Duration.milliseconds(100)
    /// Latencies of a release that percentiles are taken of.
    static let latencySamples = 2_048
    /// What is read of an answer of the Runtime API, and of what HAProxy prints at its start.
    static let answerBytes = 64 << 20
    static let startOutputBytes = 64 << 10
    /// Commands sent before their answers are read: less than a buffer of HAProxy, so that neither side waits for the other to read.
    static let chunkBytes = 8_000
    /// Bytes of a readiness path.
    static let pathBytes = 1_024
}

/// How often the router looks at HAProxy. What HAProxy reports by itself (health, the end of its process) does not wait for these.
enum RouterPace {
    /// While something is on its way: a server starts, drains or waits to be removed.
    static let inTransition = Duration.milliseconds(20)
    static let atRest = Duration.seconds(1)
    /// How long records of requests gather before they are counted.
    static let gathering = Milliseconds(2)
    /// How many times as long as writing the counters took they are left alone.
    static let restBetweenWrites = 20.0
    /// Between two attempts to start HAProxy when it ends at once.
    static let restart = Duration.milliseconds(500)
}
