import IngotModel

// Security: what is in the image, and how old it is.
extension AssessmentJudge {
    var scanning: Verdict {
        let remedy = "import advisories and give `gates.vulnerabilities`; what fails there, renew"
        guard let scan = facts.scan else { return .no("the image was never scanned", remedy) }
        guard isYounger(scan.at, than: AssessmentLimits.scan) else {
            return .no("the last scan is older than \(AssessmentLimits.scan)", at: scan.at, "scan it again: advisories come every day")
        }
        return Self.verdict(scan, missing: "", remedy)
    }

    var noSecrets: Verdict {
        guard let image = facts.image else { return Self.noImage }
        let rules = broken("ING-I009", "ING-I010", "ING-D014", "ING-D117")
        guard rules.isEmpty else {
            return .no("found: \(rules.joined(separator: ", "))", "see `ingot lint --image`; revoke what was in a pushed image")
        }
        guard image.secretsAreComplete else { return .no("parts of the image could not be searched", "see `ingot lint --image`") }
        return .yes("every layer of \(image.digest.short) was searched", at: facts.now)
    }

    var minimalBase: Verdict {
        guard let image = facts.image else { return Self.noImage }
        let remedy = "build in stages, and start from a smaller base"
        let rules = broken("ING-I001", "ING-I004", "ING-I005", "ING-I006", "ING-I007", "ING-I008")
        guard rules.isEmpty else { return .no("more than it needs: \(rules.joined(separator: ", "))", remedy) }
        guard image.billIsComplete else { return .no("the bill of materials is incomplete", "see `ingot lint --image`") }
        guard image.packages <= AssessmentLimits.packages else {
            return .no("\(image.packages) packages; up to \(AssessmentLimits.packages) is small", remedy)
        }
        return .yes("\(image.packages) packages, no compiler, no cache, no SSH", at: facts.now)
    }

    /// An image of Ingot bears its commit's time: how new it is, is told by what it stands on.
    var regularUpdates: Verdict {
        guard let image = facts.image else { return Self.noImage }
        let isJudgedByBase = image.createdIsOfCommit && image.hasBase == true
        let what = image.createdIsOfCommit ? "the image's commit" : "the image"
        if !isJudgedByBase, let words = staleness(of: what, made: image.created, limit: AssessmentLimits.image) {
            return .no(words, at: image.created, "build again, on a schedule")
        }
        guard broken("ING-I014").isEmpty else { return .no("the base has been renewed since", at: image.baseCreated, "build again") }
        if image.hasBase == false { return .yes("it stands on no other image, and \(what) is young enough", at: image.created) }
        if let words = staleness(of: "the base", made: image.baseCreated, limit: AssessmentLimits.base) {
            return .no(words, at: image.baseCreated, "renew it: `ingot base rebuild`, or pull its tag; then build again")
        }
        let words = isJudgedByBase ? "the base is young enough, and its name means no newer one" : "base and image are young enough"
        return .yes(words, at: image.baseCreated)
    }
}
