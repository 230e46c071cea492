import CLinux
import Dispatch
import Glibc
import Synchronization
import SystemPackage

/// A socket in a folder of the build that answers as an agent does, until `end`.
///
/// A socket of its own, not the agent's: the step's user owns it, and nothing of the step can stay connected.
final class SSHAgent: Sendable {
    let socket: FilePath
    private let listener: CInt
    private let ending: (reader: CInt, writer: CInt)
    private let done = DispatchSemaphore(value: 0)
    private let program: AgentProgram?

    /// - Parameters:
    ///   - folder: of the step.
    ///   - agent: the socket of the agent that really answers.
    ///   - program: the agent's process, when it is ours; ended with this value's `end`.
    init(_ name: String, in folder: FilePath, to agent: FilePath, program: AgentProgram?, mode: UInt16, owner: FileOwner) throws(BuildError) {
        socket = folder.appending(name)
        self.program = program
        let place = open(folder.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard place >= 0 else { throw .system("open", folder.string, number: errno) }
        defer { close(place) }
        listener = ingot_build_listen(place, name)
        guard listener >= 0 else { throw .system("listen at", socket.string, number: errno) }
        try Files.adopt(owner: owner, mode: mode, on: socket)
        var ends: [CInt] = [-1, -1]
        guard clinux_make_pipe(&ends) == 0 else { throw .system("make a pipe for", socket.string, number: errno) }
        ending = (ends[0], ends[1])
        // A thread of its own: it waits most of the time.
        DispatchQueue(label: "ingot.ssh-agent").async { [listener, reader = ending.reader, done] in
            SSHForwarder(listener: listener, agent: agent, ending: reader).run()
            done.signal()
        }
    }

    /// Ends all connections. Called once; the program ends with this value.
    func end() {
        close(ending.writer)
        done.wait()
        close(ending.reader)
        close(listener)
        unlink(socket.string)
    }
}

/// Passes on what goes between the step's connections and the agent.
struct SSHForwarder {
    /// More connections at once are not served: their bytes wait.
    static let mostConnections = 64

    let listener: CInt
    let agent: FilePath
    /// Readable when it is to end.
    let ending: CInt
    private var pairs: [(step: CInt, agent: CInt)] = []

    init(listener: CInt, agent: FilePath, ending: CInt) {
        self.listener = listener
        self.agent = agent
        self.ending = ending
    }

    consuming func run() {
        while true {
            let takesMore = pairs.count < Self.mostConnections
            var watched = [pollfd(fd: ending, events: 0, revents: 0), pollfd(fd: takesMore ? listener : -1, events: Int16(POLLIN), revents: 0)]
            for pair in pairs { watched += [pair.step, pair.agent].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) } }
            guard poll(&watched, nfds_t(watched.count), -1) > 0 else { continue }
            if watched[0].revents != 0 { break }
            var open: [(step: CInt, agent: CInt)] = []
            for (index, pair) in pairs.enumerated() {
                let goesOn = watched[2 + 2 * index].revents == 0 || Self.pass(from: pair.step, to: pair.agent)
                let comesBack = watched[3 + 2 * index].revents == 0 || Self.pass(from: pair.agent, to: pair.step)
                if goesOn, comesBack { open.append(pair) } else { Self.close(pair) }
            }
            pairs = open
            if watched[1].revents != 0 { accept() }
        }
        pairs.forEach(Self.close)
    }

    private mutating func accept() {
        let step = ingot_build_accept(listener)
        guard step >= 0 else { return }
        let agent = ingot_build_connect(agent.string)
        guard agent >= 0 else {
            Glibc.close(step)
            return
        }
        pairs.append((step, agent))
    }

    private static func close(_ pair: (step: CInt, agent: CInt)) {
        Glibc.close(pair.step)
        Glibc.close(pair.agent)
    }

    /// `false` when one side has ended.
    private static func pass(from source: CInt, to sink: CInt) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        let count = recv(source, &bytes, bytes.count, 0)
        guard count > 0 else { return false }
        var sent = 0
        while sent < count {
            let more = bytes.withUnsafeBytes { send(sink, $0.baseAddress.map { $0 + sent }, count - sent, Int32(MSG_NOSIGNAL)) }
            guard more > 0 else { return false }
            sent += more
        }
        return true
    }
}
