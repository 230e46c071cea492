import API
import IngotModel

/// One release set with its members.
struct SetView: View {
    var value: ReleaseSetStatus
    var now: Timestamp
    var hasSteps = false

    func lines(_ style: TextStyle) -> [String] {
        [headline(style), ""] + members.lines(style) + [""] + fields.lines(style) + (hasSteps ? [""] + steps.lines(style) : [])
    }

    private func headline(_ style: TextStyle) -> String {
        let title = style.paint("set \(value.number), \(value.name), in \(value.environment)", .bold)
        let why = value.reason.map { ": \($0)" } ?? ""
        switch value.state {
        case .moving: return "\(title): \(style.paint("under way", .yellow))"
        case .goingBack: return "\(title): \(style.paint("goes back", .yellow))\(why)"
        case .succeeded: return "\(title): \(style.paint("every member serves its release", .green))"
        case .returned where value.left.isEmpty: return "\(title): \(style.paint("went back", .red))\(why); all is as it was before"
        case .returned:
            let left = value.left.map(\.environment.service.name).joined(separator: ", ")
            return "\(title): \(style.paint("went back", .red))\(why); \(style.paint("left to a person: \(left)", .red))"
        }
    }

    private var members: Table {
        var table = Table([.left("SERVICE"), .left("STATE"), .right("RELEASE"), .right("BEFORE"), .left("IMAGE"), .left("AFTER"), .left("WHY")])
        for member in value.members {
            table.add(
                Table.Cell(member.environment.service.name), SetColours.phase(member), "\(member.release)",
                Table.Cell(member.before.map { "\($0)" } ?? "–"), Table.Cell(member.image.short),
                Table.Cell(member.after.map(\.name).joined(separator: ", ")), Table.Cell(member.reason ?? ""))
        }
        return table
    }

    private var fields: Fields {
        var fields = Fields()
        for awaited in value.awaiting { fields.add("waits for", awaited) }
        let traffic = value.traffic
        fields.add(
            "requests",
            "\(Words.count(traffic.served)) served, \(Words.count(traffic.failed)) failed, \(Words.count(traffic.retried)) retried, \(Words.count(traffic.cut)) cut"
        )
        fields.add("asked for by", value.requestedBy)
        fields.add(value.endedAt == nil ? "since" : "took", Words.time((value.endedAt ?? now) - value.acceptedAt))
        return fields
    }

    private var steps: Table {
        var table = Table([.right("AFTER"), .left("WHAT HAPPENED")])
        for step in value.steps { table.add(Table.Cell(Words.time(step.at - value.acceptedAt)), Table.Cell(step.what)) }
        return table
    }
}

enum SetColours {
    static func phase(_ member: ReleaseSetStatus.Member) -> Table.Cell {
        switch member.phase {
        case "succeeded", "kept": Table.Cell(member.phase, .green)
        case "moving", "stopping", "going back", "due back": Table.Cell(member.phase, .yellow)
        case "returned": Table.Cell(member.phase, .red)
        default: Table.Cell(member.phase, member.reason == nil ? nil : .red)
        }
    }
}

/// The sets under way.
struct RunningSetsView: View {
    var value: [ReleaseSetStatus]
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isEmpty else { return ["No release set is under way. `ingot set list` shows those that were."] }
        return Array(value.map { SetView(value: $0, now: now).lines(style) }.joined(separator: [""]))
    }
}

/// The release sets, newest first.
struct SetListView: View {
    var value: [ReleaseSetStatus]
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isEmpty else { return ["There was no release set yet."] }
        var table = Table([
            .right("SET"), .left("NAME"), .left("ENVIRONMENT"), .left("STATE"), .left("MEMBERS"), .right("SERVED"), .right("FAILED"),
            .left("ACCEPTED"), .left("BY"), .left("WHY"),
        ])
        for set in value {
            let members = set.members.map { $0.environment.service.name + ($0.reason == nil ? "" : " (left)") }.joined(separator: ", ")
            table.add(
                "\(set.number)", Table.Cell(set.name.name), Table.Cell(set.environment.name), state(set), Table.Cell(members),
                Table.Cell(Words.count(set.traffic.served)), Table.Cell(Words.count(set.traffic.failed), set.traffic.failed > 0 ? .red : nil),
                Table.Cell(Words.ago(set.acceptedAt, now: now)), Table.Cell(set.requestedBy), Table.Cell(set.reason ?? ""))
        }
        return table.lines(style)
    }

    private func state(_ set: ReleaseSetStatus) -> Table.Cell {
        switch set.state {
        case .moving, .goingBack: Table.Cell(set.state.rawValue, .yellow)
        case .succeeded: Table.Cell(set.state.rawValue, .green)
        case .returned: Table.Cell(set.state.rawValue, .red)
        }
    }
}

/// The order of a set, then each member's own plan.
struct SetPlanView: View {
    var value: ReleaseSetPlanned

    func lines(_ style: TextStyle) -> [String] {
        let order = value.waves.enumerated().map { position, wave in
            let members = wave.map { $0.isKept ? "\($0.service) (serves it already)" : $0.service.name }
            return "  \(position + 1). \(members.joined(separator: ", "))"
        }
        let plans = value.waves.joined().filter { !$0.isKept }.map { [""] + PlanView(value: $0.plan).lines(style) }
        return [style.paint("\(value.name) in \(value.environment)", .bold)] + order + plans.joined()
    }
}
