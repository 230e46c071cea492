/// The page docs/reference/ingot-yaml.md, made from the grammar and the defaults, so that it can't say anything else than they do.
public enum ManifestReference {
    public static var markdown: String {
        introduction + Grammar.documented.map(page).joined(separator: "\n") + defaults
    }

    private static let introduction = """
        # `ingot.yaml`

        One file describes a service. This page is generated from the tables that the parser itself uses; a test holds
        it against them.

        Durations are written `250ms`, `30s`, `10m`, `24h`, `7d` or `1h30m`; sizes `256MiB`, `1.5GiB` or `500MB`.
        Unknown keys, wrong types and impossible values are errors with line and column, and all of them are shown.
        Anchors, aliases and `<<` work as YAML has them. The file may have 1 MiB.

        Production is an environment that is called `production` or that has `approval: required`: the stricter
        defaults hold there, and images of uncommitted trees are refused.


        """

    private static func page(_ section: Section) -> String {
        let title = section.path.isEmpty ? "The file" : "`\(section.path)`"
        let rows = section.keys.map { key -> String in
            let value = Defaults.table.first { $0.key == "\(section.path).\(key.name)" }?.written
            return "| `\(key.name)` | \(key.accepts) | \(value.map { "`\($0)`" } ?? "") | \(key.meaning) |"
        }
        return "## \(title)\n\n| Key | Value | Default | Meaning |\n|---|---|---|---|\n\(rows.joined(separator: "\n"))\n"
    }

    private static var defaults: String {
        let rows = Defaults.table.map { "| `\($0.key)` | \($0.written) | \($0.reason) |" }
        return """

            ## Defaults, and why

            | Setting | Default | Why |
            |---|---|---|
            \(rows.joined(separator: "\n"))

            """
    }
}
