import IngotModel

/// Draws a build as the tree that people know from BuildKit: one line for each step with its time, and below those
/// that are running the last lines they printed.
struct BuildTree {
    let style: TextStyle
    /// Rows of the terminal.
    let height: Int

    /// Below this width a line has no room for a time beside its step.
    private static let narrowest = 30

    private var width: Int { max(1, style.width ?? 120) }

    /// - Parameter isWhole: every step, also where the terminal has fewer rows: the last drawing, which stays.
    func lines(_ board: BuildBoard, at now: Timestamp, isWhole: Bool = false) -> [String] {
        let header = header(board, at: now)
        guard width >= Self.narrowest else { return [TerminalText.cut(header, to: width)] }
        let room = isWhole ? Int.max : max(1, height - 2)
        let shown = isWhole ? board.steps.map { ($0, 0) } : Self.fitting(board.steps, in: room)
        let body = shown.flatMap { step, outputLines in
            [line(step, at: now)] + step.tail.suffix(step.ending == nil ? outputLines : 0).map(output)
        }
        return [style.paint(TerminalText.cut(header, to: width), .bold)] + body
    }

    private func header(_ board: BuildBoard, at now: Timestamp) -> String {
        let state = board.isFinished ? " FINISHED" : board.note.map { " \($0)" } ?? ""
        return "[+] Building \(Self.seconds(now - board.began)) (\(board.ended)/\(board.total))\(state)"
    }

    /// Which steps are shown, with how many lines of output each. Output gives way first, then what has ended, the oldest first.
    static func fitting(_ steps: [BuildBoard.Step], in room: Int) -> [(BuildBoard.Step, Int)] {
        let running = steps.count { $0.ending == nil }
        var shown = steps
        while shown.count > room, let oldest = shown.firstIndex(where: { $0.ending != nil }) { shown.remove(at: oldest) }
        shown = Array(shown.prefix(room))
        let each = running == 0 ? 0 : min(BuildBoard.keptLines, (room - shown.count) / running)
        return shown.map { ($0, each) }
    }

    private func line(_ step: BuildBoard.Step, at now: Timestamp) -> String {
        let time = Self.seconds(step.time(at: now))
        let room = width - time.count - 1
        let text = TerminalText.cut(" => \(Self.word(step))[\(step.place)] \(step.text)", to: room)
        let padding = String(repeating: " ", count: max(0, room - TerminalText.columns(text)))
        let line = "\(text)\(padding) \(time)"
        return colour(step).map { style.paint(line, $0) } ?? line
    }

    private func output(_ line: String) -> String { style.paint(TerminalText.cut(" => => # \(line)", to: width), .faint) }

    private static func word(_ step: BuildBoard.Step) -> String {
        switch step.ending {
        case .cached: "CACHED "
        case .failed: "ERROR "
        case .cancelled: "CANCELED "
        case .done, nil: ""
        }
    }

    private func colour(_ step: BuildBoard.Step) -> Colour? {
        switch step.ending {
        case .cached, .done: .cyan
        case .failed: .red
        case .cancelled: .yellow
        case nil: nil
        }
    }

    /// With one digit after the point: `3.2s`.
    static func seconds(_ time: Milliseconds) -> String {
        let tenths = (max(0, time.count) + 50) / 100
        return "\(tenths / 10).\(tenths % 10)s"
    }
}
