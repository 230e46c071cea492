import IngotModel

/// What is looked for in what instances did: measured on throwaway ones, not asked.
enum InstanceRules {
    static let all: [LintCheck<InstanceSubject>] =
        [WriteRules.launch, WriteRules.startFiles, WriteRules.state, WriteRules.logs, WriteRules.incomplete]
        + [EndRules.lostRequest, EndRules.killed, EndRules.readiness, EndRules.recovery]
}
