import Synchronization

@testable import ImageBuild

/// The warnings of a build.
final class WarningLog: Sendable {
    private let lines = Mutex<[String]>([])

    func append(_ event: BuildEvent) {
        guard case .warning(let diagnostic) = event else { return }
        lines.withLock { $0.append("\(diagnostic)") }
    }

    var messages: [String] { lines.withLock { $0 } }
}
