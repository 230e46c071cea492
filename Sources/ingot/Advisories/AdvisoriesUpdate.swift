import ArgumentParser
import Gates
import IngotModel

struct AdvisoriesUpdate: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Import everything anew from where it was imported from.",
        discussion: """
            Each source on its own: one that can't be had leaves what was there, is told, and makes the command end with 1. From an address \
            only what has changed is fetched. The daemon sees new advisories within half a minute, and examines again what runs and what is \
            kept. A systemd timer that runs it each night is in deploy/systemd.

            Example:
              ingot advisories update
            """)

    @OptionGroup var options: GlobalOptions

    /// How one source fared.
    struct Update: Encodable {
        var name: String
        var isChanged: Bool
        var failure: ErrorReport?
    }

    func run() async throws {
        var updates: [Update] = []
        for source in try AdvisoryIndex.open(options.advisoryIndex).catalog.sources { updates.append(await update(source)) }
        console.show(AdvisoryUpdatesView(value: updates))
        if updates.contains(where: { $0.failure != nil }) { throw ExitCodes.world }
    }

    private func update(_ source: AdvisoryCatalog.Source) async -> Update {
        do {
            guard let feed = AdvisoryFeed(source) else {
                throw CommandError(
                    "advisories-from-nowhere", "it is not known where '\(source.origin)' was imported from",
                    remedy: "import it once more: `ingot advisories import`")
            }
            let done = try await feed.import(into: options.advisoryIndex, at: Clock.now)
            return Update(name: source.origin, isChanged: !done.isUnchanged)
        } catch {
            return Update(name: source.origin, isChanged: false, failure: ErrorReport(error))
        }
    }
}

struct AdvisoryUpdatesView: View {
    var value: [AdvisoriesUpdate.Update]

    func lines(_ style: TextStyle) -> [String] {
        value.flatMap { update -> [String] in
            let name = Terminal.safe(update.name)
            guard let failure = update.failure else { return ["\(name): \(update.isChanged ? "imported anew" : "not changed")"] }
            return ["\(name): \(style.paint("not updated", .red))"] + failure.lines.map { "  \(Terminal.safe($0))" }
        }
    }
}
