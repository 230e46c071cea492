public import IngotModel

/// Whether an image may be deployed in spite of a freeze. Pure.
///
/// It takes two: whoever deploys says why, and another person has approved exactly this image here, saying that it is meant for the freeze.
public enum FreezePolicy {
    public static func standing(
        of image: Digest, in id: EnvironmentID, _ environment: EnvironmentSpecification, _ situation: PromotionSituation
    ) -> GateStanding {
        guard let freeze = situation.freeze else { return GateStanding(.freeze, facts: [.init("it is not frozen now")]) }
        let by = freeze.by.map { " by \($0)" } ?? ""
        let until = freeze.until.map { " until \($0)" } ?? ""
        let fact = GateStanding.Fact("frozen\(until): \(freeze.reason)", by: freeze.by)
        let approvals = ApprovalPolicy.overriding(of: image, in: id, environment.promotion.approval, situation)
        if let approval = approvals.first, let reason = situation.override {
            return GateStanding(
                .freeze, facts: [fact, .init("overridden: \(reason)", by: situation.asker), .init("agreed", by: approval.by, at: approval.at)])
        }
        let wait = freeze.until.map { "wait until \($0)" } ?? (freeze.by == nil ? "wait for its end" : "wait for `ingot thaw \(environment.name)`")
        let approve = "let another person run `ingot approve \(image.short) \(environment.name) --override-freeze`"
        let deploy = "run `ingot deploy \(environment.name) \(image.short) --override-freeze --reason WHY`"
        return GateStanding(
            .freeze, facts: approvals.map { .init("agreed to override it", by: $0.by, at: $0.at) },
            objections: [
                .init(
                    "\(environment.name) is frozen\(by)\(until): \(freeze.reason)",
                    remedy: "\(wait); or, where it can't wait, \(approvals.isEmpty ? "\(approve), then \(deploy)" : deploy)")
            ])
    }
}
