import Glibc

/// Both outputs of the instance and the log they go to.
struct Outputs {
    private(set) var pipes: [OutputPipe]
    private var log: LogWriter
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    init(log: LogWriter) throws(SupervisorError) {
        pipes = [try OutputPipe(.stdout), try OutputPipe(.stderr)]
        self.log = log
    }

    var writers: (output: Int32, error: Int32) { (pipes[0].writer, pipes[1].writer) }

    /// The end of an output is seen only when nobody else has it open.
    mutating func closeWriters() {
        for index in pipes.indices { pipes[index].closeWriter() }
    }

    /// The descriptors to wait for; -1 for an output that has ended.
    var descriptors: [Int32] { pipes.map { $0.isOpen ? $0.reader : -1 } }

    /// Copies what is there. Returns whether there was anything.
    @discardableResult
    mutating func copy() -> Bool {
        log.reportLoss()
        log.setTime(Clock.now)
        var found = false
        for index in pipes.indices where pipes[index].copy(to: &log, through: &buffer) { found = true }
        log.flush()
        return found
    }

    /// After the instance's end: all that is still in the pipes.
    mutating func copyRest() {
        while copy() {}
        for index in pipes.indices { pipes[index].finish(to: &log) }
        log.close()
    }
}
