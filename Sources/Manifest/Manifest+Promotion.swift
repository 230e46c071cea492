import IngotModel
import Yams

/// Reads a public key that lies beside `ingot.yaml`: its PEM.
///
/// - Throws: anything that says of itself why it can't.
public typealias KeyFinder = (_ file: String) throws -> String

/// Reads what an environment asks of a digest: `approval`, `evidence`, `signatures`, `freeze`.
struct PromotionReader {
    private let reader: MappingReader
    private let document: Document
    /// `nil` where keys don't matter: what is named is trusted in nothing then.
    private let findKey: KeyFinder?

    init(_ reader: MappingReader, findKey: KeyFinder?) {
        self.reader = reader
        document = reader.document
        self.findKey = findKey
    }

    /// `required`, `none`, or a section, which requires it.
    func requiresApproval() -> Bool {
        guard let node = reader.node("approval") else { return false }
        if node.mapping != nil { return true }
        return document.value(of: node, reader.path("approval"), .word(["required", "none"])) == "required"
    }

    func rules() -> PromotionRules {
        let evidence = reader.section("evidence", known: Grammar.evidence.names)
        let age = ValueForm.duration(SettingLimits.evidenceAge)
        return PromotionRules(
            approval: approval(),
            maximumAges: EvidenceAges(
                tests: evidence.value("tests", age), scan: evidence.value("scan", age), rollout: rollout(evidence, age)),
            signatures: signatures(), freezes: freezes())
    }

    /// An age of what is never asked for would be believed to be kept.
    private func rollout(_ evidence: MappingReader, _ age: ValueForm<Milliseconds>) -> Milliseconds? {
        if evidence.has("rollout"), !reader.has("after") {
            document.error(
                at: evidence.location("rollout"), "'\(evidence.path("rollout"))' is about the environment before, and there is none",
                hint: "add 'after:' to '\(reader.path)'")
        }
        return evidence.value("rollout", age)
    }

    private func approval() -> ApprovalRule {
        var rule = ApprovalRule(approvers: Defaults.approvers.value, valid: Defaults.approvalValid.value)
        guard let node = reader.node("approval"), node.mapping != nil else { return rule }
        let section = reader.section("approval", known: Grammar.approval.names)
        rule.approvers = section.value("approvers", .integer(SettingLimits.approvers)) ?? rule.approvers
        rule.valid = section.value("valid", .duration(SettingLimits.approvalValid)) ?? rule.valid
        rule.keys = keys(section) ?? []
        return rule
    }

    // MARK: Signatures

    private func signatures() -> [SignatureRule] {
        guard let node = reader.node("signatures") else { return [] }
        let items = node.mapping != nil ? [node] : document.items(of: node, reader.path("signatures"), limit: Manifest.Limit.signatureRules) ?? []
        if items.isEmpty, node.sequence != nil {
            document.error(at: reader.location("signatures"), "'\(reader.path("signatures"))' asks for nothing", hint: "leave it out")
        }
        return items.compactMap { item in
            MappingReader(item, in: document, path: reader.path("signatures[]"), known: Grammar.signature.names).flatMap(signature)
        }
    }

    private func signature(_ entry: MappingReader) -> SignatureRule? {
        guard entry.has("keys") else {
            entry.reportMissing("keys", hint: "add 'keys:' with the public keys that are trusted, such as [release.pub]")
            return nil
        }
        let types = entry.list("types", .predicateType, limit: Manifest.Limit.listEntries) ?? ["signature"]
        if types.isEmpty {
            document.error(at: entry.location("types"), "'\(entry.path("types"))' names nothing", hint: "leave it out for 'signature'")
        }
        guard let keys = keys(entry) else { return nil }
        if keys.isEmpty { document.error(at: entry.location("keys"), "'\(entry.path("keys"))' names no key, so nothing could ever start") }
        let required = entry.value("required", .integer(SettingLimits.keys)) ?? Defaults.signaturesRequired.value
        if required > keys.count, !keys.isEmpty {
            document.error(
                at: entry.location("required"), "\(required) keys must have signed, and 'keys' names \(keys.count)",
                hint: "name more keys, or require fewer")
        }
        return SignatureRule(types: types, keys: keys, required: required)
    }

    private func keys(_ entry: MappingReader) -> [TrustedKey]? {
        guard let node = entry.node("keys"), let items = document.items(of: node, entry.path("keys"), limit: Manifest.Limit.keys) else { return nil }
        var keys: [TrustedKey] = []
        for item in items {
            guard let word = document.value(of: item, entry.path("keys"), .publicKey) else { continue }
            guard let key = key(word, at: item) else { continue }
            if let same = keys.first(where: { $0.name == word || ($0.pem == key.pem && !key.pem.isEmpty) }) {
                document.error(at: document.location(item), "'\(word)' is the same key as '\(same.name)'", hint: "each key counts once")
                continue
            }
            keys.append(key)
        }
        return keys
    }

    private func key(_ word: String, at node: Node) -> TrustedKey? {
        guard let findKey else { return TrustedKey(name: word, pem: "") }
        do {
            return TrustedKey(name: word, pem: try findKey(word))
        } catch {
            let report = ErrorReport(error)
            document.error(at: document.location(node), "the key '\(word)' can't be trusted: \(report.message)", hint: report.remedy)
            return nil
        }
    }

    // MARK: Freezes

    private func freezes() -> [FreezeWindow] {
        guard let node = reader.node("freeze"), let items = document.items(of: node, reader.path("freeze"), limit: Manifest.Limit.freezes) else {
            return []
        }
        return items.compactMap { item in
            MappingReader(item, in: document, path: reader.path("freeze[]"), known: Grammar.freeze.names).flatMap(freeze)
        }
    }

    private func freeze(_ entry: MappingReader) -> FreezeWindow? {
        let zone = entry.value("zone", .timeZone) ?? Defaults.freezeZone.value
        let reason = entry.value("reason", .text)
        guard let time = entry.has("days") ? days(entry) : span(entry) else { return nil }
        return FreezeWindow(time, zone: zone, reason: reason)
    }

    private func span(_ entry: MappingReader) -> FreezeWindow.Time? {
        let from = entry.required("from", .freezeMoment)
        let until = entry.required("until", .freezeMoment)
        guard let from, let until else { return nil }
        switch (from, until) {
        case (.date(let from), .date(let until)):
            guard from <= until else {
                document.error(at: entry.location("until"), "the freeze ends on \(until), before it begins on \(from)")
                return nil
            }
            return .dates(from: from, until: until)
        case (.week(let from), .week(let until)): return .weekly([WeekSpan(from: from, until: until)])
        case (.time, _), (_, .time):
            document.error(at: entry.location("from"), "a time alone needs 'days'", hint: "add 'days: [sat, sun]', or write 'fri 16:00'")
        default:
            document.error(at: entry.location("until"), "'from' and 'until' are both dates, or both days of the week")
        }
        return nil
    }

    private func days(_ entry: MappingReader) -> FreezeWindow.Time? {
        let days = entry.list("days", .weekday, limit: 7) ?? []
        if days.isEmpty, entry.node("days")?.sequence?.isEmpty == true {
            document.error(at: entry.location("days"), "'\(entry.path("days"))' names no day")
        }
        guard let from = time(entry, "from", or: 0), let until = time(entry, "until", or: WeekSpan.minutesInDay) else { return nil }
        guard from != until else {
            document.error(at: entry.location("until"), "the freeze ends when it begins", hint: "leave 'from' and 'until' out for whole days")
            return nil
        }
        let spans = days.map { day in
            let midnight = day * WeekSpan.minutesInDay
            return WeekSpan(from: midnight + from, until: (midnight + until + (until < from ? WeekSpan.minutesInDay : 0)) % WeekSpan.minutesInWeek)
        }
        return spans.isEmpty ? nil : .weekly(spans)
    }

    private func time(_ entry: MappingReader, _ key: String, or otherwise: Int) -> Int? {
        guard entry.has(key) else { return otherwise }
        guard let moment = entry.value(key, .freezeMoment) else { return nil }
        guard case .time(let minutes) = moment else {
            document.error(at: entry.location(key), "beside 'days', '\(key)' is a time such as 22:00")
            return nil
        }
        return minutes
    }
}
