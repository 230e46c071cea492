import Gates
import IngotModel

/// What is not known is not clean.
enum LookRules {
    static let incomplete = LintCheck<ImageSubject>(
        LintRule(
            .image, 24, .warning, "Not everything could be looked at",
            because: "What was not looked at may be anything, so silence about it is no good news.",
            fix: "Mend what the message names, and run `ingot lint` again.")
    ) { subject in
        subject.bill.problems.map { subject.hit("\($0)", layer: $0.layer, path: $0.path) } + subject.unknowns.map { subject.hit($0) }
    }
}
