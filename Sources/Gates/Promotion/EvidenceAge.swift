import IngotModel

/// How old evidence may be. Evidence of the age itself is still good; what has no time is too old, and so is what has one that lies ahead.
struct EvidenceAge {
    private let longest: Milliseconds?

    init(_ longest: Milliseconds?) { self.longest = longest }

    /// - Parameter what: as in "… is 8d old".
    func objection(to what: String, at: Timestamp?, now: Timestamp, remedy: String) -> [GateVerdict.Objection] {
        guard let longest else { return [] }
        guard let at else { return [.init("\(what) is of an unknown time, and may be \(longest) old at most", remedy: remedy)] }
        let age = now - at
        if age < 0 { return [.init("\(what) is of \(at), which is yet to come", remedy: "set this machine's clock right; \(remedy)")] }
        guard age > longest else { return [] }
        return [.init("\(what) is \(Self.words(age)) old, and may be \(longest) old at most", remedy: remedy)]
    }

    /// In whole seconds from one on, in whole minutes from an hour on.
    static func words(_ age: Milliseconds) -> String {
        let unit = age.count >= 3_600_000 ? 60_000 : age.count >= 1_000 ? 1_000 : 1
        return "\(Milliseconds(age.count / unit * unit))"
    }
}
