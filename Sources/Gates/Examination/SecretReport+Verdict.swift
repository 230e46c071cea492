public import IngotModel

extension SecretReport {
    /// What the gate says: of a report after its exceptions.
    public func verdict(at now: Timestamp) -> GateVerdict {
        let found = failures.map { GateVerdict.Objection($0.description, remedy: $0.remedy) }
        let unread = problems.map {
            GateVerdict.Objection(
                "not searched for secrets: \($0)",
                remedy: "mend the file or take it out of the image: what was not read may hold one")
        }
        let excepted = findings.count - failures.count
        let objections = found + unread
        return GateVerdict(
            .secrets, of: image, at: now, objections: GateVerdict.bounded(objections, of: objections.count, noun: "secrets", in: image),
            summary: summary(excepted),
            figures: ["secrets": failures.count, "excepted": excepted, "unread": problems.count])
    }

    private func summary(_ excepted: Int) -> String {
        var parts = [failures.isEmpty ? "no secret found" : "\(failures.count) found"]
        if excepted > 0 { parts.append("\(excepted) excepted") }
        if !problems.isEmpty { parts.append("\(problems.count) files not read") }
        return parts.joined(separator: ", ")
    }
}

extension SecretReport.Finding: CustomStringConvertible {
    /// What, where, how it came there, and why deleting it did not help; never the secret itself.
    public var description: String {
        let maker = instruction.map { ", made by '\($0.prefix(Self.longestInstruction))'" } ?? ""
        let hidden = hiddenBy.map { "; layer \($0.short) deletes or replaces it, but it is still in the image: anyone who pulls it can read it" }
        return "\(title) (\(rule)) in \(place), line \(line): \(sample)\(maker)\(hidden ?? "")"
    }

    public var remedy: String { SecretRule.remedy }

    private static let longestInstruction = 120
}
