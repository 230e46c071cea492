import API
import IngotModel
import Rollout

@testable import ControlPlane

/// What operators were told, and what must therefore be true for ever.
struct Notebook {
    /// A wish that was answered as accepted.
    struct Accepted: Hashable {
        var release: ReleaseNumber
        var image: IngotModel.Digest
        var acceptedAt: Timestamp
    }

    private(set) var wishes: [Accepted] = []
    /// Commands that no stored pass has taken up yet, oldest first.
    private(set) var commands: [RolloutCommand] = []
    private(set) var rejected: Set<IngotModel.Digest> = []
    /// Rejections of which nobody knows whether they came about.
    private(set) var unsure: Set<IngotModel.Digest> = []
    /// What the environment went away from, and nobody asked for again.
    private(set) var left: Set<IngotModel.Digest> = []
    private var knownEnds: Set<Generation> = []

    mutating func accepted(_ answer: DeploymentAccepted) {
        let wish = Accepted(release: answer.release, image: answer.image, acceptedAt: answer.acceptedAt)
        guard !wishes.contains(wish) else { return }
        wishes.append(wish)
    }

    mutating func accepted(_ command: RolloutCommand) { commands.append(command) }

    mutating func wanted(_ image: IngotModel.Digest) { left.remove(image) }
    mutating func wentAway(from image: IngotModel.Digest) { left.insert(image) }

    mutating func rejected(_ image: IngotModel.Digest, isSure: Bool) {
        if isSure { rejected.insert(image) } else { unsure.insert(image) }
    }
    mutating func acceptedAgain(_ image: IngotModel.Digest, isSure: Bool) {
        rejected.remove(image)
        if isSure { unsure.remove(image) } else { unsure.insert(image) }
    }

    /// What the database says of rejections, once it can be asked again.
    mutating func learn(_ rejected: Set<IngotModel.Digest>) {
        self.rejected = rejected
        unsure = []
    }

    /// A pass that stands in the database has taken these up.
    mutating func took(_ pass: PlannedPass) {
        for command in pass.steps.flatMap(\.commands) {
            if let index = commands.firstIndex(of: command) { commands.remove(at: index) }
        }
    }

    /// Reads the ends of rollouts that it has not seen yet.
    mutating func read(_ records: [RolloutRecord]) {
        for record in records.reversed() where knownEnds.insert(record.number).inserted {
            if record.kind == RolloutRequest.Kind.deploy.rawValue, record.result == .returned { left.insert(record.image) }
        }
    }
}
