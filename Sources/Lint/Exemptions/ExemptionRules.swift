/// What can be wrong with an exemption.
enum ExemptionRules {
    static let unknown = LintRule(
        .exemption, 1, .error, "Exemption from a rule that does not exist",
        because: "A mistyped identifier would look as if somebody had answered for a finding.",
        fix: "Write the identifier as the finding has it, such as `ING-D001`.")
    static let withoutReason = LintRule(
        .exemption, 2, .error, "Exemption without a reason",
        because: "Who reads it next year has to know whether it still holds. Without a reason it lets nothing through.",
        fix: "Write behind the identifier why this is acceptable: `# ingot: ignore ING-D001 the base is built here`.")
    static let ended = LintRule(
        .exemption, 3, .error, "Exemption that has ended",
        because: "Its last day has passed, so it lets nothing through any more.",
        fix: "Mend what it was for, or look at it again and give another end date.")
    static let useless = LintRule(
        .exemption, 4, .note, "Exemption for nothing",
        because: "What it was for is mended; left in place, it would hide the next mistake of that kind.",
        fix: "Remove it.")

    static let rules = [unknown, withoutReason, ended, useless]
}
