/// The page docs/reference/lint.md, made from the rules, so that it can't say anything else than they do.
public enum LintReference {
    public static var markdown: String {
        introduction + LintRule.Subject.allCases.map(section).joined()
    }

    private static let introduction = """
        # Lint

        `ingot lint` looks at a service for what works today and hurts later. It reads `ingot.yaml` and the Dockerfile; with `--image` it measures a
        finished image too. Nothing is built, started or sent anywhere. This page is generated from the rules themselves; a test holds it against them.

            ingot lint
            ingot lint --image guestbook
            ingot lint --output sarif > lint.sarif
            ingot lint --fail-at warning examples/shop

        A finding is a `note` (worth knowing), a `warning` (will hurt one day) or an `error` (breaks what immutable infrastructure promises, or is
        dangerous now). At an `error` the exit code is 3; `--fail-at` sets another threshold, or `never`. A file with mistakes is no clean file: they
        are told, and the exit code is 2.

        ## Ignoring a finding

        A comment above the line that it is about; in `ingot.yaml` also behind it. The reason is needed.

            # ingot: ignore ING-D002 the base is built on this machine
            FROM python:3.11

        For a whole service, also for findings in its image, in `ingot.yaml`:

            lint:
              ignore:
                - { id: ING-I011, reason: the base needs them, until: 2027-01-31 }

        An exemption without a reason, for a rule that does not exist, or after its last day lets nothing through and is a finding itself.


        """

    private static func section(_ subject: LintRule.Subject) -> String {
        let rules = LintCatalog.rules.filter { $0.subject == subject }
        guard !rules.isEmpty else { return "" }
        let rows = rules.map { rule in
            "### \(rule.id): \(rule.title)\n\n*\(rule.severity.rawValue)*. \(rule.reason)\n\n\(rule.fix)\n"
        }
        return "## \(title(subject))\n\n\(rows.joined(separator: "\n"))\n"
    }

    private static func title(_ subject: LintRule.Subject) -> String {
        switch subject {
        case .dockerfile: "Dockerfile"
        case .manifest: "`ingot.yaml`"
        case .image: "Images"
        case .instance: "Instances"
        case .exemption: "Exemptions"
        }
    }
}
