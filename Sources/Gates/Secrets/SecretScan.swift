internal import FoundationEssentials
public import ImageStore
internal import IngotModel

/// Searches all of an image for secrets: every layer, also what a later one deletes, the configuration and the history.
public enum SecretScan {
    /// Moves with every change of what is found: what was kept of layers under another one is not used.
    static let revision = 3

    /// Layers that were searched before are not searched again. Throws only what the store throws.
    public static func of(_ image: Image, in store: ImageStore) throws -> SecretReport { try of(image, in: store, LayerMemory()) }

    static func of(_ image: Image, in store: ImageStore, _ memory: LayerMemory<LayerSecrets>) throws -> SecretReport {
        try store.withSharedLock {
            let layers = try image.layers.map { layer in
                (layer.diffID, try memory.note(about: layer.diffID) { try secrets(of: layer, in: store) })
            }
            return join(image, layers, .standard)
        }
    }

    private static func secrets(of layer: Layer, in store: ImageStore) throws -> LayerSecrets {
        let note = "secrets-\(revision)"
        if let bytes = store.note(note, about: layer.diffID), let known = try? JSONDecoder().decode(LayerSecrets.self, from: Data(bytes)) {
            return known
        }
        var secrets = LayerSecrets()
        try store.walk(layer) { secrets.add($0, .standard) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try store.keepNote(Array(encoder.encode(secrets)), note, about: layer.diffID)
        return secrets
    }

    /// Pure.
    static func join(_ image: Image, _ layers: [(diffID: Digest, secrets: LayerSecrets)], _ matcher: SecretMatcher) -> SecretReport {
        let makers = image.configuration.history.filter { $0.emptyLayer != true }.map(\.createdBy)
        let rules = Dictionary(matcher.rules.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var report = SecretReport(image: image.digest, findings: [], problems: [], notices: [])
        for (index, layer) in layers.enumerated() {
            let maker = makers.count == layers.count ? makers[index].map(matcher.redacted) : nil
            report.problems += layer.secrets.problems
            for finding in layer.secrets.findings {
                guard let rule = rules[finding.rule] else { continue }
                let hider = layers[(index + 1)...].first { $0.secrets.cover.hides(finding.path.utf8) }
                report.findings.append(
                    SecretReport.Finding(
                        rule: rule.id, title: rule.title, severity: rule.severity, place: .file(layer: layer.diffID, path: "/" + finding.path),
                        line: finding.line, sample: finding.sample, instruction: maker, hiddenBy: hider?.diffID))
            }
        }
        for (place, text) in texts(of: image.configuration) {
            let found = LayerSecrets.search(Array(text.utf8), path: "", matcher)
            if found.isCut { report.problems.append("\(place) has more than \(SecretLimits.findingsOfFile) findings, and not all are shown") }
            report.findings += found.findings.compactMap { shown($0, place, rules) }
        }
        report.findings.sort { ($1.severity, $0.place, $0.line) < ($0.severity, $1.place, $1.line) }
        return report
    }

    private static func shown(_ finding: LayerSecrets.Finding, _ place: SecretReport.Place, _ rules: [String: SecretRule]) -> SecretReport.Finding? {
        rules[finding.rule].map { rule in
            SecretReport.Finding(
                rule: rule.id, title: rule.title, severity: rule.severity, place: place, line: finding.line, sample: finding.sample)
        }
    }

    /// All that the configuration says in words. Build arguments stand in the history.
    private static func texts(of configuration: ImageConfiguration) -> [(place: SecretReport.Place, text: String)] {
        let settings = configuration.config
        var texts: [(place: SecretReport.Place, text: String)] = []
        for entry in settings.environment ?? [] {
            texts.append((.configuration("environment \(entry.prefix { $0 != "=" })"), entry))
        }
        for (name, value) in (settings.labels ?? [:]).sorted(by: { $0.key < $1.key }) {
            texts.append((.configuration("label \(name)"), "\(name)=\(value)"))
        }
        let lists = [
            ("entrypoint", settings.entrypoint), ("command", settings.command), ("health check", settings.healthcheck?.test),
            ("on build", settings.onBuild), ("shell", settings.shell),
        ]
        for (name, words) in lists { if let words { texts.append((.configuration(name), words.joined(separator: " "))) } }
        for (index, line) in configuration.history.enumerated() {
            texts.append((.history(index + 1), [line.createdBy, line.comment].compactMap { $0 }.joined(separator: "\n")))
        }
        return texts
    }
}
