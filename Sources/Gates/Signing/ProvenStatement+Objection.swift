public import IngotModel

extension ProvenStatement {
    /// Why it speaks against its image, or for nothing, though a trusted key has signed it; `nil` when it does not. Pure.
    ///
    /// That somebody signed a result does not make it a good one. Predicates of types that Ingot does not read are their readers' business.
    public func objection(at now: Timestamp) -> String? {
        guard let statement else { return nil }
        do throws(GateError) {
            return switch statement.predicateType {
            case TestResultPredicate.predicateType: try statement.predicate(as: TestResultPredicate.self).objection
            case ScanPredicate.predicateType: try statement.predicate(as: ScanPredicate.self).objection
            case ApprovalPredicate.predicateType: try statement.predicate(as: ApprovalPredicate.self).objection(at: now)
            default: nil
            }
        } catch {
            return error.message
        }
    }
}

extension SignedEvidence {
    /// The same without statements that speak against the image, which are refused.
    public func inFavour(at now: Timestamp) -> SignedEvidence {
        var favourable: [ProvenStatement] = []
        var refused = self.refused
        for statement in proven {
            if let objection = statement.objection(at: now) {
                refused.append(BundleRefusal(.unfavourable, objection))
            } else {
                favourable.append(statement)
            }
        }
        return SignedEvidence(image: image, proven: favourable, refused: refused, obstacle: obstacle)
    }
}

extension TestResultPredicate {
    fileprivate var objection: String? {
        // One that names what failed has not passed, whatever else it says.
        guard result == .failed || failedTests?.isEmpty == false else { return nil }
        let names = (failedTests ?? []).prefix(5).joined(separator: ", ")
        return "it states that tests have failed\(names.isEmpty ? "" : ": \(names)")"
    }
}

extension ScanPredicate {
    /// What nobody has judged is not known to be harmless.
    fileprivate var objection: String? {
        if let unjudged, !unjudged.isEmpty { return "it states that not all could be judged: \(unjudged.prefix(5).joined(separator: ", "))" }
        let fails = VulnerabilityFinding.Decision.Outcome.fails.rawValue
        let failing = scanner.result.filter { $0.annotations?["decision"] ?? fails == fails }.map(\.id)
        return failing.isEmpty ? nil : "it states vulnerabilities that let it fail: \(failing.prefix(5).joined(separator: ", "))"
    }
}

extension ApprovalPredicate {
    fileprivate func objection(at now: Timestamp) -> String? {
        if decision == .rejected { return "it states that \(by) has rejected the image for \(environment)" }
        return isInForce(at: now) ? nil : "it states an approval for \(environment) that holds from \(decidedAt) until \(expiresAt), not now"
    }
}
