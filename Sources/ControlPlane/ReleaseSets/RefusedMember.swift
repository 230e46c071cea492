import API
import IngotModel

/// Why a member was not let into a release set. The others that were refused hang behind it, so that the one renderer prints them all.
struct RefusedMember: ExplainedError {
    let service: ServiceName
    let report: ErrorReport
    var others: [RefusedMember] = []

    var code: String { report.code }
    var message: String { "\(service): \(([report.message] + report.causes).joined(separator: ": "))" }
    var remedy: String? { report.remedy }
    var fault: Fault { report.fault }
    var cause: (any Error)? { Self.chain(others) }

    /// How many have a line of their own: an error's report has no more causes than these.
    static let mostLines = 15

    /// The first, with the rest behind it.
    static func chain(_ members: [RefusedMember]) -> RefusedMember? {
        guard var first = members.first else { return nil }
        first.others = Array(members.dropFirst())
        return first
    }
}

extension ControlError {
    /// The refusal of a set, which names every member that was refused.
    static func refused(_ asked: ReleaseSetRequest, by members: [RefusedMember]) -> ControlError? {
        guard let first = RefusedMember.chain(members) else { return nil }
        let remedies = Set(members.compactMap(\.remedy))
        let unshown = members.dropFirst(RefusedMember.mostLines).map(\.service.name)
        let rest = unshown.isEmpty ? "" : "; also \(unshown.joined(separator: ", "))"
        return ControlError(
            "set-refused",
            "release set '\(asked.specification.name)' may not begin in \(asked.environment): \(members.count) of \(asked.specification.members.count) members are refused\(rest)",
            remedy: remedies.count == 1 ? remedies.first : "mend these members, or take them out of the set; nothing was moved",
            fault: members.contains { $0.fault == .world } ? .world : .gate, kind: .refused, cause: first)
    }
}
