internal import IngotModel

/// Whether what is known suffices to judge an image at all.
struct Coverage {
    var catalog: AdvisoryCatalog
    var policy: VulnerabilityPolicy
    var now: Timestamp

    func gaps(_ bill: BillOfMaterials, _ subjects: [JudgedSubject]) -> [UnjudgedPart] {
        guard !bill.packages.isEmpty else { return [noPackages("no package was recognised in the image")] + incomplete(bill) }
        return incomplete(bill) + distribution(bill) + Set(subjects.map(\.scope)).sorted().compactMap(advisories) + owned(bill)
    }

    /// What could not be read may have named anything.
    private func incomplete(_ bill: BillOfMaterials) -> [UnjudgedPart] {
        bill.problems.map { problem in
            UnjudgedPart(
                reason: .incompleteBill, message: "the bill of materials is incomplete: \(problem)",
                remedy: "mend or remove \(problem.path) in the image", fails: true)
        }
    }

    private func noPackages(_ message: String) -> UnjudgedPart {
        UnjudgedPart(
            reason: .noPackages, message: message,
            remedy: "keep the package manager's records in the image (/var/lib/dpkg, /lib/apk/db), and lock files beside what they installed",
            fails: true)
    }

    // MARK: The distribution

    private func distribution(_ bill: BillOfMaterials) -> [UnjudgedPart] {
        let packages = bill.packages.filter { $0.ecosystem == .debian || $0.ecosystem == .alpine }
        guard let distribution = bill.distribution else {
            return packages.isEmpty ? [] : [unknown("an image without /etc/os-release")]
        }
        let name = [distribution.id, distribution.versionID ?? distribution.codename ?? "without a version"].joined(separator: " ")
        guard let release = DistributionRelease(distribution) else { return [unknown(name)] }
        var parts: [UnjudgedPart] = []
        if packages.isEmpty { parts.append(noPackages("no package of \(name) was recognised")) }
        if packages.contains(where: { JudgedSubject.scope(of: $0.ecosystem, release) == nil }) {
            parts.append(unknown("packages of another distribution in \(name)"))
        }
        if release.hasEnded(at: now) { parts.append(ended(release, name)) }
        return parts
    }

    private func unknown(_ name: String) -> UnjudgedPart {
        let known = "Debian, Ubuntu and Alpine"
        return UnjudgedPart(
            reason: .unknownDistribution, message: "\(name): there are no advisories for it",
            remedy: "build on a released version of \(known), or set `scanner: trivy`", fails: true)
    }

    private func ended(_ release: DistributionRelease, _ name: String) -> UnjudgedPart {
        UnjudgedPart(
            reason: .endedDistribution, message: "\(name) has had no security fixes since \(release.end)",
            remedy: "build on a newer release of \(release.distribution)", fails: true)
    }

    // MARK: The advisories

    private func advisories(_ scope: AdvisoryScope) -> UnjudgedPart? {
        guard let newest = catalog.knownAt(scope) else {
            return UnjudgedPart(
                reason: .noAdvisories, message: "no advisories for \(scope) are imported",
                remedy: "import them: `ingot advisories import`", fails: true)
        }
        let age = now - newest
        guard age > policy.maximumAge else { return repositories(scope) }
        return UnjudgedPart(
            reason: .oldAdvisories, message: "the advisories for \(scope) are of \(newest.text.prefix(10)), older than \(policy.maximumAge)",
            remedy: "import newer ones: `ingot advisories import`", fails: true)
    }

    /// Alpine's advisories come a file for each repository, and a package does not say from which it is.
    private func repositories(_ scope: AdvisoryScope) -> UnjudgedPart? {
        let known = catalog.sources(of: scope).map(\.repository)
        let missing = (["main", "community"] as [String]).filter { !known.contains($0) }
        guard scope.text.hasPrefix("Alpine:"), !known.contains(nil), !missing.isEmpty else { return nil }
        return UnjudgedPart(
            reason: .noAdvisories, message: "no advisories for \(missing.joined(separator: " and ")) of \(scope) are imported",
            remedy: "import the list of each repository: `ingot advisories import alpine`", fails: true)
    }

    private func owned(_ bill: BillOfMaterials) -> [UnjudgedPart] {
        let count = bill.packages.count { $0.isOwnedByDistribution }
        guard count > 0 else { return [] }
        return [
            UnjudgedPart(
                reason: .ownedByDistribution,
                message: "\(count) language packages belong to packages of the distribution, and were judged as those",
                remedy: "", fails: false)
        ]
    }
}
