import IngotModel
import Yams

/// Reads the section `environments`, and puts them in the order in which a digest passes through them.
struct EnvironmentsReader {
    private let root: MappingReader
    private let document: Document
    private let service: ServiceName?
    private let run: RunSettings?
    private let folder: String?
    private let findKey: KeyFinder?

    /// - Parameters:
    ///   - service: `nil` when it is wrong, which has been reported; the rest is read all the same.
    ///   - run: likewise.
    ///   - folder, findKey: see `Manifest.parse`.
    init(_ root: MappingReader, service: ServiceName?, run: RunSettings?, folder: String?, findKey: KeyFinder?) {
        self.root = root
        document = root.document
        self.service = service
        self.run = run
        self.folder = folder
        self.findKey = findKey
    }

    func environments() -> [EnvironmentSpecification] {
        guard root.has("environments") else {
            root.reportMissing("environments", hint: "add 'environments:' with at least one name, such as 'dev: {}'")
            return []
        }
        guard let node = root.node("environments"),
            let section = MappingReader(node, in: document, path: "environments", known: nil, location: root.location("environments"))
        else { return [] }
        guard (1...Manifest.Limit.environments).contains(section.entries.count) else {
            document.error(
                at: section.location, "'environments' has \(section.entries.count) entries; 1 to \(Manifest.Limit.environments) are allowed")
            return []
        }
        let read = section.entries.compactMap { entry in
            self.environment(entry, among: section.entries.map(\.name))
        }
        reportSharedHosts(read, section)
        return ordered(read, section)
    }

    // MARK: One environment

    private func environment(_ entry: MappingReader.Entry, among names: [String]) -> EnvironmentSpecification? {
        let name = document.value(of: entry.key, "environments", .identifier as ValueForm<EnvironmentName>)
        let path = "environments.\(entry.name)"
        let location = document.location(entry.key)
        let reader =
            entry.value.isNull
            ? MappingReader(emptyAt: location, in: document, path: path)
            : MappingReader(entry.value, in: document, path: path, known: Grammar.environment.names, location: location)
        guard let reader else { return nil }
        if name == .throwaway {
            document.error(
                at: location, "'throwaway' can't be the name of an environment: instances for tests are run under it", hint: "choose another")
        }
        let promotion = PromotionReader(reader, findKey: findKey)
        let approval = promotion.requiresApproval()
        let isProduction = approval || entry.name == "production"
        warnAboutAge(reader)
        let instances = reader.value("instances", .integer(1...Manifest.Limit.instances)) ?? Defaults.instances.value
        let strategy = StrategyReader(reader, instances: instances)
        let watch = WatchReader(folder: folder)
        let secrets = secrets(reader)
        let specification = EnvironmentSpecification(
            name: name ?? EnvironmentName(uncheckedName: entry.name), after: after(reader, among: names), requiresApproval: approval,
            isProduction: isProduction, instances: instances, host: host(reader, name), configuration: configuration(reader),
            secretFiles: secrets.files, secretSources: secrets.sources, secretRefresh: SecretsReader.refresh(reader),
            strategy: strategy.strategy(),
            timing: timing(reader, soakFrom: strategy.reader(of: "soak"), isProduction: isProduction),
            analysis: watch.analysis(strategy.reader(of: "analysis"), isCanary: strategy.isCanary), hooks: watch.hooks(reader),
            promotion: promotion.rules())
        return name == nil ? nil : specification
    }

    private func host(_ reader: MappingReader, _ name: EnvironmentName?) -> String {
        if let host = reader.value("host", .hostName) { return host }
        guard let name, let service else { return "" }
        return Defaults.host(of: name, service: service)
    }

    private func timing(_ reader: MappingReader, soakFrom soaking: MappingReader, isProduction: Bool) -> RolloutTiming {
        func time(_ key: String, _ range: ClosedRange<Milliseconds>, _ fallback: Default<Milliseconds>) -> Milliseconds {
            reader.value(key, .duration(range)) ?? fallback.value(isProduction: isProduction)
        }
        return RolloutTiming(
            soak: soaking.value("soak", .duration(SettingLimits.soak)) ?? Defaults.soak.value(isProduction: isProduction),
            progressDeadline: time("progress-deadline", SettingLimits.progressDeadline, Defaults.progressDeadline),
            drain: time("drain", SettingLimits.drain, Defaults.drain),
            streamDrain: time("stream-drain", SettingLimits.drain, Defaults.streamDrain),
            warm: time("warm", SettingLimits.warm, Defaults.warm))
    }

    private func warnAboutAge(_ reader: MappingReader) {
        guard reader.has("maximum-age") else { return }
        let isOff = reader.node("maximum-age")?.scalar?.string == "off"
        if !isOff { _ = reader.value("maximum-age", .duration(.minutes(1)...(.minutes(366 * 1_440)))) }
        guard !isOff else { return }
        document.warning(
            at: reader.location("maximum-age"), "'\(reader.path("maximum-age"))' is not enforced by this version",
            hint: "instances are not replaced for their age yet")
    }

    // MARK: Values of configuration and secrets

    private func configuration(_ reader: MappingReader) -> [String: String] {
        values(reader, "configuration", asked: run?.configurationKeys, .variableName, missing: "gives no value for") {
            document.value(of: $0, $1, .anyText)
        }
    }

    private func secrets(_ reader: MappingReader) -> (files: [String: String], sources: [String: SecretReference]) {
        let references = values(reader, "secrets", asked: run?.secretNames, .fileName, missing: "says not where to find the secret") {
            SecretsReader(document: document).reference($0, path: $1)
        }
        let files = references.compactMapValues { if case .file(let path) = $0 { path } else { nil } }
        return (files, references.filter { files[$0.key] == nil })
    }

    /// The values an environment gives, held against the names that `run` asks for, in both directions.
    private func values<Value>(
        _ reader: MappingReader, _ key: String, asked: [String]?, _ name: ValueForm<String>, missing: String,
        _ value: (_ node: Node, _ path: String) -> Value?
    ) -> [String: Value] {
        var values: [String: Value] = [:]
        var given: Set<String> = []
        let section =
            reader.has(key)
            ? reader.node(key).flatMap { MappingReader($0, in: document, path: reader.path(key), known: nil) } : nil
        for entry in section?.entries ?? [] {
            given.insert(entry.name)
            if let asked, !asked.contains(entry.name) {
                let hint = NearestWord.to(entry.name, among: asked).map { "did you mean '\($0)'?" } ?? "add '\(entry.name)' to run.\(key)"
                document.error(at: document.location(entry.key), "run.\(key) does not ask for '\(entry.name)'", hint: hint)
                continue
            }
            guard document.value(of: entry.key, section?.path ?? key, name) != nil else { continue }
            guard !entry.value.isNull else {
                document.error(at: document.location(entry.key), "'\(entry.name)' has no value", hint: "write \"\" for an empty text")
                continue
            }
            values[entry.name] = value(entry.value, "\(reader.path(key)).\(entry.name)")
        }
        for absent in asked ?? [] where !given.contains(absent) {
            document.error(
                at: reader.has(key) ? reader.location(key) : reader.location,
                "'\(reader.path)' \(missing) '\(absent)', which run.\(key) asks for", hint: "add it under '\(reader.path(key))'")
        }
        return values
    }

    // MARK: Order

    private func after(_ reader: MappingReader, among names: [String]) -> EnvironmentName? {
        guard let name = reader.value("after", .identifier as ValueForm<EnvironmentName>), let node = reader.node("after") else { return nil }
        guard names.contains(name.name) else {
            document.error(
                at: document.location(node), "there is no environment '\(name)'", hint: NearestWord.hint(for: name.name, among: names))
            return nil
        }
        return name
    }

    /// Each behind the one it comes after, otherwise in the order of the file.
    private func ordered(_ read: [EnvironmentSpecification], _ section: MappingReader) -> [EnvironmentSpecification] {
        var waiting = read
        var placed: [EnvironmentSpecification] = []
        while let next = waiting.firstIndex(where: { environment in
            environment.after.map { after in !waiting.contains { $0.name == after } } ?? true
        }) {
            placed.append(waiting.remove(at: next))
        }
        // What is left waits for something that waits for it.
        for environment in waiting {
            guard let entry = section.entry(environment.name.name) else { continue }
            let after = MappingReader(entry.value, in: document, path: "", known: nil)?.node("after") ?? entry.key
            document.error(
                at: document.location(after), "'\(environment.name)' comes after itself: \(circle(from: environment, in: waiting))",
                hint: "let the first environment have no 'after'")
        }
        return placed
    }

    private func circle(from start: EnvironmentSpecification, in waiting: [EnvironmentSpecification]) -> String {
        var names = [start.name]
        var next = start.after
        while let name = next, !names.contains(name) {
            names.append(name)
            next = waiting.first { $0.name == name }?.after
        }
        if let next { names.append(next) }
        return names.map(\.name).joined(separator: " after ")
    }

    private func reportSharedHosts(_ read: [EnvironmentSpecification], _ section: MappingReader) {
        var owners: [String: EnvironmentName] = [:]
        for environment in read where !environment.host.isEmpty {
            guard let owner = owners.updateValue(environment.name, forKey: environment.host), let entry = section.entry(environment.name.name)
            else { continue }
            let host = entry.value.isNull ? entry.key : MappingReader(entry.value, in: document, path: "", known: nil)?.node("host") ?? entry.key
            document.error(
                at: document.location(host), "the host '\(environment.host)' is that of '\(owner)' already",
                hint: "the router tells environments apart by their host")
        }
    }
}
