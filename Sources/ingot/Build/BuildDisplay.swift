import ArgumentParser
import Glibc
import ImageBuild
import IngotModel
import Synchronization

/// How a build shows what it does. The words are Docker's.
enum ProgressMode: String, CaseIterable, Sendable, ExpressibleByArgument {
    case auto, plain, tty, quiet
}

/// Shows a build while it goes on: a tree drawn in place on a terminal, lines elsewhere.
final class BuildDisplay: Sendable {
    private struct State {
        var board: BuildBoard
        var log = PlainBuildLog()
        var area = LiveArea()
        var ticker: Task<Void, Never>?
    }

    private let state: Mutex<State>
    private let mode: ProgressMode
    private let write: @Sendable (String) -> Void
    /// Asked at each drawing: a terminal may be given another size at any time.
    private let terminal: @Sendable () -> (style: TextStyle, height: Int)

    /// - Parameter mode: `plain`, `tty` or `quiet`; `auto` must have been decided.
    init(
        mode: ProgressMode, terminal: @escaping @Sendable () -> (style: TextStyle, height: Int), now: Timestamp = Clock.now,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.mode = mode
        self.terminal = terminal
        self.write = write
        state = Mutex(State(board: BuildBoard(began: now)))
    }

    func happened(_ event: BuildEvent) {
        state.withLock { state in
            let now = Clock.now
            state.board.happened(event, at: now)
            switch mode {
            case .quiet, .auto: break
            case .plain: show(state.log.lines(event, state.board, at: now))
            case .tty: drawSoon(event, &state)
            }
        }
    }

    /// Draws all steps, and what is to be said below them; they stay. Again, when something happened since: then below.
    func finish() {
        state.withLock { state in
            state.ticker?.cancel()
            state.ticker = nil
            guard mode == .tty, !state.board.steps.isEmpty || !state.board.warnings.isEmpty else { return }
            let style = terminal().style
            let tree = BuildTree(style: style, height: 0).lines(state.board, at: Clock.now, isWhole: true)
            write(state.area.redraw(tree, width: style.width ?? 80))
            state.area.keep()
            show(Self.warnings(state.board, style))
        }
    }

    private func show(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        write(lines.map { $0 + "\n" }.joined())
    }

    private static func warnings(_ board: BuildBoard, _ style: TextStyle) -> [String] {
        guard !board.warnings.isEmpty else { return [] }
        return ["", style.paint("\(Words.count(board.warnings.count, "warning")):", .yellow)]
            + board.warnings.flatMap { DiagnosticView(diagnostic: $0, source: nil).lines(style) }
    }

    // MARK: Drawing

    /// Output comes in bursts: what it changes is drawn by the next tick. Other events are few.
    private func drawSoon(_ event: BuildEvent, _ state: inout State) {
        startTicking(&state)
        if case .output = event { return }
        draw(&state)
    }

    private func draw(_ state: inout State) {
        let (style, height) = terminal()
        let lines = BuildTree(style: style, height: height).lines(state.board, at: Clock.now)
        write(state.area.redraw(lines, width: style.width ?? 80))
    }

    /// Times on the screen go on while nothing happens.
    private func startTicking(_ state: inout State) {
        guard state.ticker == nil else { return }
        state.ticker = Task { [weak self] in
            while !Task.isCancelled {
                do { try await Task.sleep(for: .milliseconds(100)) } catch { return }
                guard let self else { return }
                self.state.withLock { state in
                    // Between the wait and the lock the build may have finished, and its last drawing must stay.
                    guard state.ticker != nil else { return }
                    self.draw(&state)
                }
            }
        }
    }
}
