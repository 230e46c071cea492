import API
import IngotModel
import Rollout

extension Deployments {
    /// Lets a member into a release set, or says why not. Nothing is stored but the event of a gate that said no.
    func admit(
        _ member: ReleaseSetSpecification.Member, to environment: EnvironmentID, isAutomatic: Bool, _ judgements: Judgements, by actor: String
    ) async throws -> AdmittedMember {
        try checkOvertaken(judgements.place, environment)
        _ = try await specification(of: environment)
        let controller = try controller(of: environment)
        guard await !controller.isMoving else { throw Self.isMoving(environment) }
        let serving = await controller.state.serving
        if let number = try Self.releaseNumber(member.reference) {
            let release = try await release(number, of: environment)
            try await checkRejection(release.image)
            if number != serving { try await readmit(release, override: nil, by: actor) }
            return AdmittedMember(member: member, release: release, promotion: nil, before: serving)
        }
        let (draft, promotion) = try await admit(member.reference, to: environment, isAutomatic: isAutomatic, judgements, by: actor)
        if let serving, let present = try await store.release(serving, of: environment), present.hasSameContent(as: draft) {
            return AdmittedMember(member: member, release: present, promotion: nil, before: serving)
        }
        return AdmittedMember(member: member, release: draft, promotion: promotion, before: serving)
    }

    /// What served before the set has to be known, and while something moves it is not.
    private static func isMoving(_ environment: EnvironmentID) -> ControlError {
        ControlError(
            "is-moving", "a rollout of \(environment) is under way",
            remedy: "wait for its end, or end it with 'ingot rollout abort \(environment)'", kind: .conflict)
    }
}
