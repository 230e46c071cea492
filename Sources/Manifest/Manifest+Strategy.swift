import IngotModel
import Yams

/// Reads how an environment moves from one release to another.
struct StrategyReader {
    private let environment: MappingReader
    private let instances: Int
    /// `nil` where none is given, or a wrong one, which has been reported.
    private let word: String?
    /// What stands below the word; empty for a word alone.
    private let settings: MappingReader

    /// - Parameter instances: how many the environment has; a rolling update must find room to move among them.
    init(_ environment: MappingReader, instances: Int) {
        self.environment = environment
        self.instances = instances
        let path = environment.path("strategy")
        let nothing = MappingReader(emptyAt: environment.location("strategy"), in: environment.document, path: path)
        guard let node = environment.node("strategy") else { (word, settings) = (nil, nothing); return }
        guard node.mapping != nil else {
            (word, settings) = (environment.document.value(of: node, path, .word(Strategy.words)), nothing)
            return
        }
        let section = MappingReader(node, in: environment.document, path: path, known: Strategy.words) ?? nothing
        word = Self.onlyWord(of: section)
        settings = word.map { section.section($0, known: Self.settings(of: $0)) } ?? nothing
        if let word, word != "canary", word != "rolling", section.node(word) != nil {
            environment.document.error(at: section.location(word), "'\(word)' has no settings", hint: "write 'strategy: \(word)'")
        }
    }

    private static func onlyWord(of section: MappingReader) -> String? {
        if section.entries.isEmpty { section.document.error(at: section.location, "'\(section.path)' names no strategy") }
        if let second = section.entries.dropFirst().first {
            section.document.error(at: section.document.location(second.key), "'\(section.path)' names more than one strategy", hint: "choose one")
        }
        return section.entries.first.flatMap { Strategy.words.contains($0.name) ? $0.name : nil }
    }

    private static func settings(of word: String) -> [String]? {
        switch word {
        case "rolling": Grammar.rolling.names
        case "canary": Grammar.canary.names
        default: nil
        }
    }

    var isCanary: Bool { word == "canary" }

    /// Where a setting stands that a canary may give in place of its environment. Both would be one too many.
    func reader(of key: String) -> MappingReader {
        guard isCanary, settings.has(key) else { return environment }
        if environment.has(key) {
            environment.document.error(
                at: settings.location(key), "'\(settings.path(key))' and '\(environment.path(key))' are the same setting", hint: "write it once")
        }
        return settings
    }

    func strategy() -> Strategy {
        switch word {
        case "recreate": .recreate
        case "rolling": .rolling(rolling())
        case "blue-green": .blueGreen
        case "canary": .canary(Canary(steps: steps() ?? Defaults.steps.value.steps, testers: testers(), isSticky: isSticky))
        default: Defaults.strategy.value
        }
    }

    private func rolling() -> RollingUpdate {
        let update = RollingUpdate(
            surge: settings.value("surge", .instanceShare) ?? Defaults.surge.value,
            unavailable: settings.value("unavailable", .instanceShare) ?? Defaults.unavailable.value)
        if update.surge.roundedUp(of: instances) == 0, update.unavailable.roundedDown(of: instances) == 0 {
            let noun = instances == 1 ? "1 instance" : "\(instances) instances"
            settings.document.error(
                at: settings.location("surge"),
                "'surge: \(update.surge)' and 'unavailable: \(update.unavailable)' of \(noun) leave no room to move", hint: "write 'surge: 1'")
        }
        return update
    }

    // MARK: Canary

    /// With the whole of the traffic at the end; `nil` when none are given.
    private func steps() -> [Canary.Step]? {
        let document = settings.document
        guard let node = settings.node("steps"), let items = document.items(of: node, settings.path("steps"), limit: Manifest.Limit.steps)
        else { return nil }
        guard !items.isEmpty else {
            document.error(at: settings.location("steps"), "'\(settings.path("steps"))' has no step in it", hint: "write '[5%, 25%, 100%]'")
            return nil
        }
        var steps: [Canary.Step] = []
        for item in items {
            guard let step = step(item) else { continue }
            if let last = steps.last, step.share <= last.share {
                document.error(at: document.location(item), "the steps must grow: \(step.share) comes after \(last.share)")
            }
            steps.append(step)
        }
        if let last = steps.last, last.share < .whole { steps.append(Canary.Step(share: .whole)) }
        return steps
    }

    private func step(_ item: Node) -> Canary.Step? {
        let form = ValueForm.share(SettingLimits.stepShare)
        guard item.mapping != nil else {
            return settings.document.value(of: item, settings.path("steps"), form).map { Canary.Step(share: $0) }
        }
        guard let step = MappingReader(item, in: settings.document, path: settings.path("steps[]"), known: Grammar.step.names) else { return nil }
        let soak = step.value("soak", .duration(SettingLimits.soak))
        let waits = step.value("wait", .word(["promotion"])) != nil
        return step.required("share", form).map { Canary.Step(share: $0, soak: soak, waitsForPromotion: waits) }
    }

    private func testers() -> TesterMark? {
        guard settings.has("testers") else { return nil }
        let section = settings.section("testers", known: Grammar.testers.names)
        let value = section.required("value", .cookieValue)
        guard let key = section.only(of: ["header", "cookie"]), let place = TesterMark.Place(rawValue: key),
            let name = section.value(key, .token(key)), let value
        else { return nil }
        return TesterMark(place: place, name: name, value: value)
    }

    private var isSticky: Bool { settings.flag("sticky") ?? Defaults.sticky.value }
}

extension ValueForm where Value == InstanceShare {
    static var instanceShare: ValueForm {
        ValueForm(expectation: "\(InstanceShare.expectation), at most \(Manifest.Limit.instances)") { text in
            guard let share = InstanceShare(text: text) else { return nil }
            if case .count(let count) = share { return count <= Manifest.Limit.instances ? share : nil }
            return share
        }
    }
}
