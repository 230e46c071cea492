import API
import IngotModel

/// The services of the daemon with their environments.
struct StatusView: View {
    var value: [ServiceStatus]
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        guard value.contains(where: { !$0.environments.isEmpty }) else {
            return ["Nothing is deployed yet. `ingot up` in the folder of a service builds, tests and deploys it."]
        }
        return table.lines(style) + value.flatMap(\.environments).flatMap { details(of: $0, style) } + notices(style)
    }

    private func notices(_ style: TextStyle) -> [String] {
        let lines = value.flatMap { service in (service.notices ?? []).map { "\(style.paint("note:", .yellow)) \(service.service): \($0)" } }
        return lines.isEmpty ? [] : [""] + lines
    }

    var table: Table {
        var table = Table([
            .left("SERVICE"), .left("ENVIRONMENT"), .right("RELEASE"), .left("IMAGE"), .left("COMMIT"), .right("HEALTHY"), .left("STATE"),
            .left("HOST"),
        ])
        for status in value.flatMap(\.environments) {
            let serving = status.fleets.first { $0.release == status.serving?.number }
            table.add(
                Table.Cell(status.environment.service.name), Table.Cell(status.environment.environment.name),
                Table.Cell(status.serving.map { "\($0.number)" } ?? "–"), Table.Cell(status.serving?.image.short ?? "–"),
                Table.Cell(Words.commit(status.serving?.commit)), Table.Cell(serving.map { "\($0.healthy)/\($0.size)" } ?? "–"),
                Self.state(status), Table.Cell(status.host))
        }
        return table
    }

    static func state(_ status: EnvironmentStatus) -> Table.Cell {
        if !status.problems.isEmpty { return Table.Cell("problem", .red) }
        if let rollout = status.rollout { return Table.Cell("\(rollout.kind): \(rollout.phase)", .yellow) }
        return status.serving == nil ? Table.Cell("empty") : Table.Cell("serving", .green)
    }

    private func details(of status: EnvironmentStatus, _ style: TextStyle) -> [String] {
        let words =
            status.problems.map { "  \(style.paint("problem:", .red)) \($0)" }
            + status.awaiting.map { "  waiting for \(AwaitedWords.line($0, now: now))" } + set(status)
            + (status.lock.map { ["  locked by \($0.holder): \($0.reason); since \(Words.moment($0.since)) UTC"] } ?? [])
        let details = words + gates(status, style)
        return details.isEmpty ? [] : ["", style.paint("\(status.environment)", .bold)] + details
    }

    /// Nothing while all gates let through what serves.
    private func gates(_ status: EnvironmentStatus, _ style: TextStyle) -> [String] {
        (status.verdicts ?? []).filter { !$0.passes }.flatMap { verdict -> [String] in
            let title = style.paint("the gate '\(verdict.gate.rawValue)' says no to what serves:", .red)
            let objections = verdict.objections.prefix(Self.shownObjections).map { "    \(Terminal.safe($0.message))" }
            return ["  \(title) \(VerdictsView.summary(of: verdict))"] + objections
        }
    }

    private static let shownObjections = 3

    private func set(_ status: EnvironmentStatus) -> [String] {
        guard let set = status.set else { return [] }
        return ["  belongs to release set \(set.number), \(set.name)"] + set.awaiting.map { "  the set waits for \($0)" }
    }
}

/// One environment, with its fleets.
struct EnvironmentView: View {
    var value: EnvironmentStatus
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        let list = StatusView(value: [ServiceStatus(service: value.environment.service, environments: [value])], now: now).lines(style)
        let findings = (value.rollout?.findings ?? []).map { "  release \(value.rollout?.release.value ?? 0) so far: \($0)" }
        let instances = Self.instances(of: value, now, style)
        return list + findings + (instances.isEmpty ? [] : [""] + instances)
    }

    /// The instances of all its fleets; nothing where there is none.
    static func instances(of value: EnvironmentStatus, _ now: Timestamp, _ style: TextStyle) -> [String] {
        guard !value.fleets.isEmpty else { return [] }
        var table = Table([.right("RELEASE"), .left("INSTANCE"), .left("HEALTH"), .right("REQUESTS"), .right("AGE"), .left("LAST CHECK")])
        for fleet in value.fleets {
            for instance in fleet.instances {
                table.add(
                    "\(fleet.release)", Table.Cell(instance.id.text), Colours.health(instance.health.rawValue),
                    Table.Cell(Words.count(instance.requestsInFlight)), Table.Cell(Words.coarse(now - instance.startedAt)),
                    // That the last check was good is said already.
                    Table.Cell(instance.health == .up ? "" : instance.checkResult ?? ""))
            }
        }
        return table.lines(style)
    }
}

enum Colours {
    static func health(_ health: String) -> Table.Cell {
        switch health {
        case "up": Table.Cell(health, .green)
        case "down": Table.Cell(health, .red)
        case "starting": Table.Cell(health, .yellow)
        default: Table.Cell(health)
        }
    }

    static func result(_ result: RolloutRecord.Result) -> Table.Cell {
        switch result {
        case .succeeded: Table.Cell(result.rawValue, .green)
        case .returned: Table.Cell(result.rawValue, .red)
        case .superseded: Table.Cell(result.rawValue, .yellow)
        }
    }
}

/// Rollouts that have ended, newest first.
struct HistoryView: View {
    var value: [RolloutRecord]
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isEmpty else { return ["No rollout has ended here yet."] }
        var table = Table([
            .right("ROLLOUT"), .left("KIND"), .right("RELEASE"), .right("FROM"), .left("COMMIT"), .left("RESULT"), .right("SERVED"), .right("FAILED"),
            .right("TOOK"), .left("ENDED"), .left("BY"), .left("WHY"),
        ])
        for record in value {
            let served = record.proof.releases.reduce(0) { $0 + $1.served.requests }
            let failed = record.proof.releases.reduce(0) { $0 + $1.served.failed }
            table.add(
                "\(record.number)", Table.Cell(record.kind), "\(record.release)", Table.Cell(record.from.map { "\($0)" } ?? "–"),
                Table.Cell(Words.commit(record.commit)), Colours.result(record.result), Table.Cell(Words.count(served)),
                Table.Cell(Words.count(failed), failed > 0 ? .red : nil), Table.Cell(Words.time(record.endedAt - record.acceptedAt)),
                Table.Cell(Words.ago(record.endedAt, now: now)), Table.Cell(record.requestedBy), Table.Cell(record.reason ?? ""))
        }
        return table.lines(style)
    }
}

struct InstancesView: View {
    var value: [InstanceDetails]
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isEmpty else { return ["No instance is running."] }
        var table = Table([
            .left("INSTANCE"), .left("ENVIRONMENT"), .right("RELEASE"), .left("STATE"), .left("HEALTH"), .right("REQUESTS"), .right("AGE"),
            .left("ADDRESS"), .left("ENDING"),
        ])
        for instance in value {
            table.add(
                Table.Cell(instance.id.text), Table.Cell(instance.environment.text), "\(instance.release)", Table.Cell(instance.state),
                Colours.health(instance.health), Table.Cell(Words.count(instance.requestsInFlight)),
                Table.Cell(Words.coarse((instance.endedAt ?? now) - instance.startedAt)), Table.Cell(instance.address),
                Table.Cell(instance.ending ?? ""))
        }
        return table.lines(style)
    }
}

/// Names with their values, one a line.
struct Fields {
    private var rows: [(name: String, value: String)] = []

    mutating func add(_ name: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        rows.append((name, value))
    }

    func lines(_ style: TextStyle) -> [String] {
        let width = rows.map(\.name.count).max() ?? 0
        return rows.map { row in
            "\(style.paint(row.name, .bold))\(String(repeating: " ", count: width - row.name.count))  \(row.value)"
        }
    }
}

struct InstanceView: View {
    var value: InstanceDetails
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        var fields = Fields()
        fields.add("instance", value.id.text)
        fields.add("environment", value.environment.text)
        fields.add("release", "\(value.release)")
        fields.add("image", "\(value.image)")
        fields.add("state", value.state)
        fields.add("ending", value.ending)
        fields.add("health", value.health)
        fields.add("in flight", Words.count(value.requestsInFlight, "request"))
        fields.add("address", value.address)
        fields.add("process", value.processID.map { "\($0)" })
        fields.add("started", "\(Words.moment(value.startedAt)) (\(Words.ago(value.startedAt, now: now)))")
        fields.add("ended", value.endedAt.map { "\(Words.moment($0)) (\(Words.ago($0, now: now)))" })
        fields.add("root", value.rootProtection)
        return fields.lines(style)
    }
}

struct ReleasesView: View {
    var value: [Release]
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isEmpty else { return ["There is no release here yet."] }
        var table = Table([.right("RELEASE"), .left("IMAGE"), .left("COMMIT"), .right("INSTANCES"), .left("STRATEGY"), .left("CREATED"), .left("BY")])
        for release in value {
            table.add(
                "\(release.number)", Table.Cell(release.image.short), Table.Cell(Words.commit(release.commit) + (release.isDirty ? " (dirty)" : "")),
                "\(release.instances)", Table.Cell(release.strategy.word), Table.Cell(Words.ago(release.createdAt, now: now)),
                Table.Cell(release.createdBy))
        }
        return table.lines(style)
    }
}

struct ReleaseView: View {
    var value: Release
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        var fields = Fields()
        fields.add("release", "\(value.number) of \(value.environment)")
        fields.add("image", "\(value.image)")
        fields.add("commit", value.commit.map { $0 + (value.isDirty ? " (dirty)" : "") })
        fields.add("host", value.host)
        fields.add(
            "instances", "\(value.instances), \(value.run.resources.memory) and \(Double(value.run.resources.milliCPU) / 1_000) processors each")
        fields.add("strategy", "\(value.strategy.word), soak \(value.timing.soak), drain \(value.timing.drain), warm \(value.timing.warm)")
        fields.add("readiness", value.run.readiness.path.map { "GET \($0) at port \(value.run.port)" } ?? "a connection to port \(value.run.port)")
        for (name, text) in value.configuration.sorted(by: { $0.key < $1.key }) { fields.add("configuration", "\(name)=\(text)") }
        for (name, digest) in value.secretVersions.sorted(by: { $0.key < $1.key }) { fields.add("secret", "\(name), version \(digest.short)") }
        fields.add("created", "\(Words.moment(value.createdAt)) (\(Words.ago(value.createdAt, now: now))) by \(value.createdBy)")
        return fields.lines(style)
    }
}

/// One event; a list of them is a table without titles, so that it reads on as events come.
struct EventView: View {
    var value: Event

    func lines(_ style: TextStyle) -> [String] {
        let place = value.environment.map { " \($0)" } ?? ""
        return [
            "\(value.sequence)  \(style.paint(Words.moment(value.at), .faint))  \(value.actor)  \(style.paint(value.action.rawValue, .cyan))\(place)  \(value.message)"
        ]
    }
}

struct EventsView: View {
    var value: [Event]

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isEmpty else { return ["There are no events yet."] }
        var table = Table([.right("EVENT"), .left("AT"), .left("WHO"), .left("WHAT"), .left("WHERE"), .left("MESSAGE")])
        for event in value {
            table.add(
                "\(event.sequence)", Table.Cell(Words.moment(event.at)), Table.Cell(event.actor), Table.Cell(event.action.rawValue, .cyan),
                Table.Cell(event.environment?.text ?? ""), Table.Cell(event.message))
        }
        return table.lines(style)
    }
}

struct VerificationView: View {
    var value: EventVerification

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isIntact else {
            return ["\(style.paint("intact:", .green)) \(Words.count(value.events, "event")), each holding the digest of the one before"]
        }
        let place = value.firstBroken.map { " from event \($0) on" } ?? ""
        return [
            "\(style.paint("broken:", .red)) the chain of \(Words.count(value.events, "event")) does not hold\(place): one was changed or removed"
        ]
    }
}

struct LogLineView: View {
    var value: LogLine

    func lines(_ style: TextStyle) -> [String] {
        let stream = value.stream == .stderr ? style.paint("!", .yellow) : " "
        return ["\(style.paint(Words.moment(value.at), .faint)) \(style.paint(value.instance.text, .cyan)) \(stream) \(Terminal.safe(value.line))"]
    }
}

enum Terminal {
    /// A line that somebody else's program printed, without what would move the cursor or change the terminal.
    static func safe(_ line: String) -> String {
        guard line.unicodeScalars.contains(where: isControl) else { return line }
        return String(String.UnicodeScalarView(line.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        (scalar.value < 32 && scalar != "\t") || (0x7F...0x9F).contains(scalar.value)
    }
}

struct GarbageView: View {
    var value: GarbageReport

    func lines(_ style: TextStyle) -> [String] { ["removed \(Words.count(value.removedBlobs, "blob")), freed \(value.freed)"] }
}
