import API
import IngotModel
import Synchronization

/// What is under way, as it is drawn: finished things stand above, running ones below with their times.
struct ProgressBoard {
    private struct Line {
        var id: String
        var text: String
        var since: Timestamp
        /// What it is, where it is something that is awaited: how long yet is told beside it.
        var awaited: AwaitedStatus?
    }
    private var running: [Line] = []

    mutating func start(_ id: String, _ text: String, at now: Timestamp) {
        if let index = running.firstIndex(where: { $0.id == id }) {
            running[index].text = text
        } else {
            running.append(Line(id: id, text: text, since: now))
        }
    }

    /// Something that is awaited, since when it says.
    mutating func wait(_ id: String, _ awaited: AwaitedStatus, at now: Timestamp) {
        start(id, "", at: now)
        guard let index = running.firstIndex(where: { $0.id == id }) else { return }
        running[index].since = awaited.since ?? running[index].since
        running[index].awaited = awaited
    }

    /// Takes a running thing away; how long it took.
    mutating func end(_ id: String, at now: Timestamp) -> Milliseconds? {
        guard let index = running.firstIndex(where: { $0.id == id }) else { return nil }
        return now - running.remove(at: index).since
    }

    mutating func keep(only ids: [String]) { running.removeAll { !ids.contains($0.id) } }

    /// The lines of what is running, each at most as wide as the terminal: a broken line could not be drawn over.
    func frame(at now: Timestamp, _ style: TextStyle) -> [String] {
        running.flatMap { line -> [String] in
            if let awaited = line.awaited { return frame(of: awaited, since: line.since, at: now, style) }
            let time = Self.padded(Words.time(now - line.since))
            let room = max(10, (style.width ?? 120) - time.count - 4)
            let text = line.text.count > room ? "\(line.text.prefix(room - 1))…" : line.text
            return ["\(style.paint(time, .cyan))  \(text)"]
        }
    }

    private func frame(of awaited: AwaitedStatus, since: Timestamp, at now: Timestamp, _ style: TextStyle) -> [String] {
        var rows = TimedRows()
        for (index, sentence) in AwaitedWords.sentences(awaited).enumerated() {
            rows.add(index == 0 ? Words.coarse(max(0, now - since)) : "", sentence)
        }
        if let ending = AwaitedWords.ending(awaited, now: now) { rows.add(ending, .faint) }
        // A line as wide as the terminal may be broken by it.
        return rows.lines(TextStyle(isColoured: style.isColoured, width: style.width.map { $0 - 1 }))
    }

    static func padded(_ time: String) -> String { String(repeating: " ", count: max(0, 9 - time.count)) + time }
}

/// Shows steps while they go on: redrawn in place on a terminal, one plain line for each elsewhere.
final class Progress: Sendable {
    private struct State {
        var board = ProgressBoard()
        var drawnLines = 0
        var ticker: Task<Void, Never>?
    }
    private let state = Mutex(State())
    private let style: TextStyle
    private let isSilent: Bool
    private let write: @Sendable (String) -> Void

    init(style: TextStyle, isSilent: Bool = false, write: @escaping @Sendable (String) -> Void) {
        self.style = style
        self.isSilent = isSilent
        self.write = write
    }

    func start(_ id: String, _ text: String, isAnnounced: Bool = true) {
        guard !isSilent else { return }
        state.withLock { state in
            state.board.start(id, text, at: Clock.now)
            if style.isLive {
                startTicking(&state)
                redraw(&state)
            } else if isAnnounced {
                write("\(text)\n")
            }
        }
    }

    /// Ends a step, and lets a line stand for it with its time.
    func end(_ id: String, _ text: String, colour: Colour = .green) {
        guard !isSilent else { return }
        state.withLock { state in
            let took = state.board.end(id, at: Clock.now) ?? 0
            print([line(Words.time(took), text, colour)], &state)
        }
    }

    /// Takes a step away without a word.
    func drop(_ id: String) {
        guard !isSilent else { return }
        state.withLock { state in
            _ = state.board.end(id, at: Clock.now)
            if style.isLive { redraw(&state) }
        }
    }

    /// Only these go on; the others have gone.
    func keep(only ids: [String]) {
        guard !isSilent else { return }
        state.withLock { state in
            state.board.keep(only: ids)
            if style.isLive { redraw(&state) }
        }
    }

    /// Shows what is awaited with the time that is left, on a terminal; elsewhere nothing.
    func wait(_ id: String, _ awaited: AwaitedStatus) {
        guard !isSilent, style.isLive else { return }
        state.withLock { state in
            state.board.wait(id, awaited, at: Clock.now)
            startTicking(&state)
            redraw(&state)
        }
    }

    /// What a terminal shows in place.
    func sayUnlessLive(_ lines: [String]) {
        if !style.isLive { say(lines) }
    }

    /// A line above what is running.
    func say(_ lines: [String]) {
        guard !isSilent, !lines.isEmpty else { return }
        state.withLock { print(lines, &$0) }
    }

    /// A line in the form of an ended step, with a time given.
    func say(at time: Milliseconds, _ text: String, colour: Colour = .green) {
        say([line(Words.time(time), text, colour)])
    }

    /// Takes away everything that is drawn; what was said stays.
    func finish() {
        state.withLock { state in
            state.board.keep(only: [])
            state.ticker?.cancel()
            state.ticker = nil
            if style.isLive { redraw(&state) }
        }
    }

    // MARK: Drawing

    private func line(_ time: String, _ text: String, _ colour: Colour) -> String {
        "\(style.paint(ProgressBoard.padded(time), colour))  \(text)"
    }

    private func print(_ lines: [String], _ state: inout State) {
        let text = lines.map { $0 + "\n" }.joined()
        guard style.isLive else { return write(text) }
        write(erasure(state.drawnLines) + text)
        state.drawnLines = 0
        redraw(&state)
    }

    private func redraw(_ state: inout State) {
        let lines = state.board.frame(at: Clock.now, style)
        write(erasure(state.drawnLines) + lines.map { $0 + "\n" }.joined())
        state.drawnLines = lines.count
    }

    /// Moves up over the lines that were drawn, and clears from there to the end of the screen.
    private func erasure(_ lines: Int) -> String { lines > 0 ? "\u{1B}[\(lines)A\u{1B}[0J" : "" }

    /// Times on the screen go on while nothing happens.
    private func startTicking(_ state: inout State) {
        guard state.ticker == nil else { return }
        state.ticker = Task { [weak self] in
            while !Task.isCancelled {
                do { try await Task.sleep(for: .milliseconds(100)) } catch { return }
                guard let self else { return }
                self.state.withLock { self.redraw(&$0) }
            }
        }
    }
}
