import API
import ArgumentParser
import Client
import IngotModel

struct Freeze: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "freeze", abstract: "Let nothing new into an environment.",
        discussion: """
            New deployments and promotions are refused and told why; rollouts that run go on, and rollbacks are never stopped. Freezes that \
            come again stand in ingot.yaml.

            Example:
              ingot freeze production --reason "the big day" --until 2026-11-28
              ingot freeze shop/production --reason "looking into lost orders"        until `ingot thaw`
              ingot freeze production --reason "a talk with customers" --until 2h
            """)

    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @Option(help: "Why; whoever is refused reads it.") var reason: String
    @Option(
        help: ArgumentHelp(
            "When it ends by itself: the end of a day in UTC such as 2026-11-28, a time such as 2026-11-28T08:00:00Z, or how long it takes, such as 2h.",
            valueName: "time"))
    var until: String?
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard let until, Self.moment(until, now: Clock.now) == nil else { return }
        throw ValidationError("'\(until)' is no day, time or length of time; write 2026-11-28, 2026-11-28T08:00:00Z or 2h.")
    }

    func run() async throws {
        let client = options.client
        let target = try await ServiceChoice(options: service, client: client, console: console).environment(environment)
        let request = FreezeRequest(reason: reason, until: until.flatMap { Self.moment($0, now: Clock.now) })
        console.show(FreezeView(value: try await client.freeze(target, request)))
    }

    static func moment(_ text: String, now: Timestamp) -> Timestamp? {
        if let date = CalendarDate(text: text) { return date.beginning + .minutes(WeekSpan.minutesInDay) }
        return Timestamp(text: text) ?? Milliseconds(text: text).map { now + $0 }
    }
}

struct Thaw: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "thaw", abstract: "Take away the freeze that was placed by hand.",
        discussion: """
            Freezes of ingot.yaml stay.

            Example:
              ingot thaw production
            """)

    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let client = options.client
        let target = try await ServiceChoice(options: service, client: client, console: console).environment(environment)
        console.show(FreezeView(value: try await client.thaw(target)))
    }
}

struct FreezeView: View {
    var value: FreezeStatus

    func lines(_ style: TextStyle) -> [String] {
        let lifted = value.lifted.map { "the freeze of \($0.by) is taken away: \(Terminal.safe($0.reason))" }
        guard let freeze = value.inForce else { return (lifted.map { [$0] } ?? []) + ["\(value.environment) is not frozen"] }
        let until = freeze.until.map { "until \(Words.moment($0)) UTC" } ?? (freeze.by == nil ? "" : "until `ingot thaw \(value.environment)`")
        let from = freeze.by == nil ? " (ingot.yaml)" : ""
        return (lifted.map { [$0] } ?? []) + [
            "\(value.environment) is frozen\(until.isEmpty ? "" : " \(until)"): \(Terminal.safe(freeze.reason))\(from)"
        ]
    }
}
