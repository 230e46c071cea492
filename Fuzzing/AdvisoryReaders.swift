import IngotModel

@testable import Gates

extension Reader {
    /// Two lines are two versions, in each order.
    func readVersions(_ bytes: [UInt8]) {
        let lines = bytes.split(separator: 0x0a, maxSplits: 1, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        guard lines.count == 2 else { return }
        for order in VersionOrder.allCases {
            let (left, right) = (order.version(lines[0]), order.version(lines[1]))
            precondition(left.compared(to: right) == right.compared(to: left).map(\.reversed), "\(order) of \(lines)")
            precondition(left.form == nil || left.compared(to: left) == .same, "\(order) of \(lines[0])")
        }
    }

    func readAdvisories(_ bytes: [UInt8]) {
        let limits = AdvisoryLimits.standard
        let version = VersionOrder.pep440.version("1.0")
        var all = (try? OSVRecord.decode(bytes).statements(limits).advisories) ?? []
        all += (try? AlpineDatabase.decode(bytes, limits).advisories(limits)) ?? []
        all += (try? DebianTracker.decode(bytes).advisories(limits)) ?? []
        for advisory in all {
            _ = advisory.verdict(on: version)
            keep(advisory)
        }
        var reader = AdvisoryReader(bytes)
        while !reader.isAtEnd, let scope = AdvisoryScope("PyPI"), (try? reader.advisory(scope, "x")) != nil {}
    }

    private func keep(_ advisory: Advisory) {
        var writer = AdvisoryWriter()
        writer.write(advisory)
        var reader = AdvisoryReader(writer.bytes)
        guard let kept = try? reader.advisory(advisory.scope, advisory.package) else { preconditionFailure("\(advisory) was not kept") }
        var again = AdvisoryWriter()
        again.write(kept)
        precondition(again.bytes == writer.bytes, "\(advisory) became \(kept)")
    }

    func readScannerReport(_ bytes: [UInt8]) {
        guard let digest = Digest(hex: String(repeating: "0", count: 64)) else { return }
        for program in ExternalScanner.Program.allCases {
            _ = try? ExternalScanner(program).report(digest, bytes, VulnerabilityPolicy(), Timestamp(millisecondsSince1970: 0))
        }
    }
}
