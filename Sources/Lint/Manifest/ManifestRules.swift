/// What is looked for in `ingot.yaml`.
enum ManifestRules {
    static let all: [LintCheck<ManifestSubject>] =
        [
            EvidenceRules.readiness, EvidenceRules.tests, EvidenceRules.instanceTests, EvidenceRules.gates, EvidenceRules.order,
            EvidenceRules.rehearsal, EvidenceRules.ownChecks, EvidenceRules.needs,
        ]
        + [CapacityRules.instances, CapacityRules.recreate, CapacityRules.warm, CapacityRules.drain, CapacityRules.grace]
        + [IsolationRules.root, IsolationRules.capabilities, IsolationRules.state, IsolationRules.egress, IsolationRules.secrets]
}
