import ArgumentParser
import IngotModel

struct SetCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Move several services together, in an order, and all back if one goes back.",
        subcommands: [
            SetDeploy.self, SetPlan.self, SetStatus.self, SetList.self, SetShow.self, SetAbort.self, SetRollback.self,
        ])
}

/// The number of a set as it is written on the command line.
struct SetNumberArgument: ExpressibleByArgument, Sendable, Equatable {
    var number: ReleaseSetNumber

    init?(argument: String) {
        guard let value = Int(argument), value > 0 else { return nil }
        number = ReleaseSetNumber(value)
    }
}
