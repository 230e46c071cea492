import ImageBuild
import ImageStore
import IngotModel
import Logging
import Synchronization
import SystemPackage

/// Builds images on this machine, with progress shown.
struct LocalBuild {
    let store: ImageStore
    let builder: ImageBuilder
    let console: Console

    init(_ options: GlobalOptions) throws {
        store = try options.store()
        // What a build has to say it says as events and errors.
        let silent = Logger(label: "ingot.build") { _ in SwiftLogNoOpLogHandler() }
        builder = ImageBuilder(store: store, cacheFolder: FilePath(options.rootFolder).appending("build"), logger: silent)
        console = options.console
    }

    /// Builds, and shows each step as it goes on; what was shown stays, also when it fails.
    func run(_ request: BuildRequest) async throws -> BuildResult {
        let progress = console.progress()
        defer { progress.finish() }
        let drawing = BuildDrawing(progress: progress, style: console.errors.style)
        return try await builder.build(request) { drawing.draw($0) }
    }
}

/// Turns the events of a build into lines.
final class BuildDrawing: Sendable {
    private let progress: Progress
    private let style: TextStyle
    private let texts = Mutex<[BuildStepID: String]>([:])
    private let stages = Mutex<[Int: String]>([:])

    init(progress: Progress, style: TextStyle) {
        self.progress = progress
        self.style = style
    }

    func draw(_ event: BuildEvent) {
        switch event {
        case .planned(let planned):
            stages.withLock { stages in for stage in planned { stages[stage.index] = stage.name } }
        case .stepStarted(let id, let text, _):
            let line = label(id, text)
            texts.withLock { $0[id] = line }
            progress.start(id.description, line, isAnnounced: false)
        case .output(let id, let line):
            // On a terminal the last lines are shown if the step fails; a log is read afterwards and wants all of it.
            if !style.isLive { progress.say(["           \(id) | \(Terminal.safe(line))"]) }
        case .stepEnded(let step):
            end(step)
        case .stepFailed(let id, _):
            progress.end(id.description, texts.withLock { $0[id] } ?? "", colour: .red)
        case .warning(let diagnostic):
            progress.say(DiagnosticView(diagnostic: diagnostic, source: nil).lines(style))
        case .finished:
            break
        }
    }

    private func end(_ step: BuildStep) {
        let line = label(step.id, step.text)
        switch step.outcome {
        case .cached:
            progress.drop(step.id.description)
            progress.say(["\(style.paint("   cached", .faint))  \(line)"])
        case .made:
            progress.end(step.id.description, line)
        }
    }

    /// `test: RUN make check`, on one line however many it has in the Dockerfile.
    private func label(_ id: BuildStepID, _ text: String) -> String {
        let stage = stages.withLock { $0.count > 1 ? $0[id.stage] : nil }
        let oneLine = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return (stage.map { "\($0): " } ?? "") + Terminal.safe(oneLine)
    }
}
