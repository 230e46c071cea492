import API
import IngotModel
import Rollout

/// The events that tell of a release set. Pure.
enum ReleaseSetEvents {
    static func started(_ record: ReleaseSetRecord) -> EventDraft {
        let members = record.state.members.map { member in
            "\(member.service) \(member.phase == .kept ? "already at" : "to") release \(member.release)"
        }
        return EventDraft(.setStarted, by: record.requestedBy, "\(record.title) in \(record.environment): \(members.joined(separator: ", "))")
    }

    static func refused(_ asked: ReleaseSetRequest, _ error: ControlError, by actor: String) -> EventDraft {
        EventDraft(.setRefused, by: actor, ErrorReport(error).lines.prefix { !$0.hasPrefix("  to do") }.joined(separator: "; "))
    }

    /// What one pass, or an order, changed.
    static func changes(
        from before: ReleaseSetRecord, to after: ReleaseSetRecord, decided: [ReleaseSetPlan.Decision], by actor: String
    ) -> [EventDraft] {
        let turn = before.state.turn == nil ? after.state.turn : nil
        let turned = turn.map { EventDraft(.setTurned, by: actor, "\(after.title) goes back: \($0.reason)") }
        let steps = decided.compactMap { decision in
            decision.service.map { service in
                EventDraft(
                    .setStep, environment: after.id(of: service), release: after.state.members.first { $0.service == service }?.release,
                    "\(after.title): \(service) \(decision.what)")
            }
        }
        return [turned].compactMap { $0 } + steps + (before.state.outcome == nil ? ended(after) : [])
    }

    private static func ended(_ record: ReleaseSetRecord) -> [EventDraft] {
        switch record.state.outcome {
        case nil: return []
        case .succeeded: return [EventDraft(.setSucceeded, "\(record.title) succeeded")]
        case .returned:
            let left = record.state.members.compactMap { member in
                if case .left(let reason) = member.phase { "\(member.service) is left to a person: \(reason)" } else { nil }
            }
            let words = left.isEmpty ? "all is as it was before" : left.joined(separator: "; ")
            return [EventDraft(.setReturned, "\(record.title) went back: \(record.state.turn?.reason ?? ""); \(words)")]
        }
    }
}
