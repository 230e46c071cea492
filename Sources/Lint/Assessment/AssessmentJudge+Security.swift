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

    var regularUpdates: Verdict {
        guard let image = facts.image else { return Self.noImage }
        guard isYounger(image.created, than: AssessmentLimits.image) else {
            return .no("the image is older than \(AssessmentLimits.image)", at: image.created, "build again, on a schedule")
        }
        guard broken("ING-I014").isEmpty else { return .no("the base has been renewed since", at: image.baseCreated, "build again") }
        if image.hasBase == false { return .yes("it stands on no other image, and is young enough", at: image.created) }
        guard isYounger(image.baseCreated, than: AssessmentLimits.base) else {
            return .no(
                image.baseCreated == nil ? "how old the base is is not known" : "the base is older than \(AssessmentLimits.base)",
                at: image.baseCreated,
                "renew it: `ingot base rebuild`, or pull its tag; then build again")
        }
        return .yes("base and image are young enough", at: image.baseCreated)
    }
}
