import CLinux
import Glibc

/// Reads a command's output and the reports of its reaper until both have ended.
struct ReaperReader {
    let reaper: pid_t
    let output: Int32
    let report: Int32
    let cancellation: Int32
    /// In milliseconds of the monotonic clock.
    var deadline: Int?
    let killsLeftovers: Bool
    var result = ReapedCommand.Result()

    private var chunk = [UInt8](repeating: 0, count: 64 << 10)
    /// Whether all was told to end, and nothing more need be told.
    private var wasCancelled = false
    /// When what the command left behind is killed; `nil` while the command runs.
    private var leftoversEnd: Int?
    /// What the command left behind may still print for so long: `>(tee log)` in a shell ends after the shell.
    private static let lastWords = 200
    private var outputIsOpen = true
    private var reportIsOpen = true
    /// When reading ends, whatever is still open: the reaper is gone, or does not do what it was told. A command can kill and stop it.
    private var readingEnd: Int?
    /// So long the reaper may take to kill all; what is killed in the middle of much writing does not end at once.
    private static let reaperGrace = 30_000

    init(reaper: pid_t, output: Int32, report: Int32, cancellation: Int32, deadline: Int?, killsLeftovers: Bool = false) {
        self.reaper = reaper
        self.output = output
        self.report = report
        self.cancellation = cancellation
        self.deadline = deadline
        self.killsLeftovers = killsLeftovers
    }

    mutating func readToEnd(_ deliver: ([UInt8]) -> Void) {
        while outputIsOpen || reportIsOpen, !isOver {
            var watched = [
                pollfd(fd: outputIsOpen ? output : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: reportIsOpen ? report : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wasCancelled ? -1 : cancellation, events: Int16(POLLIN), revents: 0),
            ]
            let count = poll(&watched, nfds_t(watched.count), timeout)
            if count < 0, errno != EINTR { break }
            if watched[0].revents != 0 { outputIsOpen = readOutput(deliver) }
            if watched[1].revents != 0, !readReports() { reaperIsGone() }
            if watched[2].revents != 0 { endAll() }
            killAtDeadline()
            if killsLeftovers, reportIsOpen { killLeftovers(isSilent: !outputIsOpen) }
        }
        if reportIsOpen { killReaper() }
    }

    private var isOver: Bool { readingEnd.map { MonotonicClock.milliseconds >= $0 } ?? false }

    /// Nobody is left who could be told to end anything; what holds the output open now is no longer waited for.
    private mutating func reaperIsGone() {
        reportIsOpen = false
        deadline = nil
        readingEnd = min(readingEnd ?? .max, MonotonicClock.milliseconds + Self.lastWords)
    }

    /// Tells the reaper to kill all. Should the command have stopped it, it goes on by that.
    private mutating func tellReaper() {
        kill(reaper, SIGTERM)
        kill(reaper, SIGCONT)
        readingEnd = readingEnd ?? MonotonicClock.milliseconds + Self.reaperGrace
    }

    /// The last resort: with it goes what has stayed in its process group.
    private func killReaper() {
        kill(-reaper, SIGKILL)
        kill(reaper, SIGKILL)
    }

    private mutating func endAll() {
        guard !wasCancelled else { return }
        wasCancelled = true
        tellReaper()
    }

    private mutating func killLeftovers(isSilent: Bool) {
        guard result.exit != nil else { return }
        let end = leftoversEnd ?? MonotonicClock.milliseconds + Self.lastWords
        leftoversEnd = end
        if isSilent || MonotonicClock.milliseconds >= end { endAll() }
    }

    private var timeout: Int32 {
        let next = [deadline, wasCancelled || !reportIsOpen ? nil : leftoversEnd, readingEnd].compactMap { $0 }.min()
        guard let next else { return -1 }
        return Int32(clamping: max(0, next - MonotonicClock.milliseconds))
    }

    private mutating func killAtDeadline() {
        guard let deadline, MonotonicClock.milliseconds >= deadline else { return }
        self.deadline = nil
        result.passedDeadline = true
        tellReaper()
    }

    /// Returns whether there may be more.
    private mutating func readOutput(_ deliver: ([UInt8]) -> Void) -> Bool {
        let count = read(output, &chunk, chunk.count)
        if count > 0 { deliver(Array(chunk[..<count])) }
        return count > 0 || (count < 0 && errno == EINTR)
    }

    private mutating func readReports() -> Bool {
        var reports = [clinux_report](repeating: clinux_report(), count: 64)
        let size = MemoryLayout<clinux_report>.size
        let count = read(report, &reports, reports.count * size)
        guard count > 0 else { return count < 0 && errno == EINTR }
        reports.prefix(count / size).forEach { note($0) }
        return true
    }

    private mutating func note(_ report: clinux_report) {
        switch Int(report.kind) {
        case Int(CLINUX_REPORT_STARTED): result.command = report.pid
        case Int(CLINUX_REPORT_ENDED): result.ended.append((report.pid, report.status))
        default: result.failure = report.status
        }
    }
}
