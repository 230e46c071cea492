import IngotModel
import Rollout

/// Everything that one pass of a controller was given and decided. Pure.
///
/// The planner takes up one deployment at a time. Where several wait, each is a step: it begins its rollout, with the commands that came after it, and
/// the next one supersedes it, as if the controller had looked in between. Only what the last one decided is carried out.
struct PlannedPass: Sendable {
    struct Step: Sendable {
        var before: EnvironmentState
        var after: EnvironmentState
        var plan: Plan
        var request: PendingRequest?
        var commands: [RolloutCommand]
    }

    /// What was taken up, oldest first.
    let wishes: [Wish]
    private(set) var steps: [Step]
    /// Where all steps lead.
    private(set) var state: EnvironmentState
    /// The last step's plan, with the decisions and the ends of all.
    private(set) var plan: Plan
    let observation: Observation
    /// What is known of releases; of those that the state or a wish names, everything.
    let releases: [ReleaseNumber: Release]
    let now: Timestamp
    var isStored = false

    init(_ wishes: [Wish], in state: EnvironmentState, releases: [ReleaseNumber: Release], observation: Observation, now: Timestamp) {
        self.wishes = wishes
        self.observation = observation
        self.releases = releases
        self.now = now
        let facts = releases.mapValues { ReleaseFacts($0) }
        func step(_ turn: Turn, from before: EnvironmentState) -> Step {
            var after = before
            let plan = after.advance(
                request: turn.request?.request, commands: turn.commands, releases: facts, observation: observation, now: now)
            return Step(before: before, after: after, plan: plan, request: turn.request, commands: turn.commands)
        }
        let (first, others) = Self.turns(of: wishes)
        steps = [step(first, from: state)]
        self.state = steps[0].after
        plan = steps[0].plan
        for turn in others { add(step(turn, from: self.state)) }
    }

    private mutating func add(_ step: Step) {
        steps.append(step)
        state = step.after
        let (decided, finished) = (plan.decided, plan.finished)
        plan = step.plan
        plan.decided = decided + step.plan.decided
        plan.finished = finished + step.plan.finished
    }

    private typealias Turn = (request: PendingRequest?, commands: [RolloutCommand])

    /// A deployment and the commands after it are one turn; there is always one.
    private static func turns(of wishes: [Wish]) -> (first: Turn, others: [Turn]) {
        var turns: [Turn] = []
        for wish in wishes {
            switch wish {
            case .request(let request): turns.append((request, []))
            case .command(let command):
                if turns.isEmpty { turns.append((nil, [])) }
                turns[turns.count - 1].commands.append(command)
            }
        }
        return (turns.first ?? (nil, []), Array(turns.dropFirst()))
    }
}
