import Foundation
public import IngotModel
public import SystemPackage

/// A scanner that others made, as the judge in the place of ours. Its verdict passes through the same policy.
public struct ExternalScanner: Hashable, Sendable {
    public enum Program: String, Hashable, Sendable, Codable, CaseIterable {
        case trivy, grype
    }

    public var program: Program
    /// The program, when it is not to be found by its name.
    public var path: String?
    public var deadline: Milliseconds

    public init(_ program: Program, path: String? = nil, deadline: Milliseconds = .minutes(5)) {
        self.program = program
        self.path = path
        self.deadline = deadline
    }

    /// Longer reports are refused.
    public static let longestReport = 256 << 20

    /// Scans an image in an archive. A scanner that is absent, breaks, hangs, or prints what can't be read makes a report that fails.
    ///
    /// - Parameter folder: where the report is written for a moment.
    public func judge(
        _ image: Digest, archive: FilePath, in folder: FilePath, policy: VulnerabilityPolicy, at now: Timestamp
    ) async -> VulnerabilityReport {
        let output = folder.appending("\(program.rawValue)-\(UInt64.random(in: .min ... .max)).json")
        defer { try? FileManager.default.removeItem(atPath: output.string) }
        do {
            let outcome = try await BoundedCommand(command: command(archive, output), folder: folder, deadline: deadline).run()
            guard outcome.passed else { return broken(image, now, "it ended with \(outcome.ending): \(outcome.output.suffix(400))") }
            return try report(image, read(output), policy, now)
        } catch {
            return broken(image, now, "\(error)")
        }
    }

    func command(_ archive: FilePath, _ output: FilePath) -> [String] {
        let name = path ?? program.rawValue
        return switch program {
        case .trivy:
            [name, "image", "--quiet", "--scanners", "vuln", "--format", "json", "--output", output.string, "--input", archive.string]
        case .grype:
            [name, "oci-archive:\(archive)", "--quiet", "--output", "json", "--file", output.string]
        }
    }

    private func read(_ path: FilePath) throws -> [UInt8] {
        let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        return try file.closeAfter {
            let size = try Int(file.seek(offset: 0, from: .end))
            guard size <= Self.longestReport else { throw AdvisoryError.tooLarge("the report of \(program)", limit: "\(Self.longestReport) bytes") }
            return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                count = try file.read(fromAbsoluteOffset: 0, into: UnsafeMutableRawBufferPointer(buffer))
            }
        }
    }

    /// - Throws: a `DecodingError` for what is not the program's report.
    func report(_ image: Digest, _ bytes: [UInt8], _ policy: VulnerabilityPolicy, _ now: Timestamp) throws -> VulnerabilityReport {
        let decoder = JSONDecoder()
        let scanned =
            switch program {
            case .trivy: try decoder.decode(TrivyReport.self, from: Data(bytes)).checked().scanned
            case .grype: try decoder.decode(GrypeReport.self, from: Data(bytes)).scanned
            }
        var exceptions = ExceptionLedger(policy.exceptions, at: now)
        let findings = scanned.findings.map { exceptions.decided($0, policy) }
        return VulnerabilityReport(
            image: image, scanner: program.rawValue, judgedAt: now, judgedPackages: scanned.packages,
            findings: VulnerabilityFinding.worstFirst(findings), unjudged: scanned.gaps, idleExceptions: exceptions.idle)
    }

    private func broken(_ image: Digest, _ now: Timestamp, _ why: String) -> VulnerabilityReport {
        VulnerabilityReport(
            image: image, scanner: program.rawValue, judgedAt: now, judgedPackages: 0, findings: [],
            unjudged: [
                UnjudgedPart(
                    reason: .brokenScanner, message: "\(program) gave no verdict: \(why)",
                    remedy: "run \(program) by hand and see what it lacks, or take `scanner:` out of ingot.yaml", fails: true)
            ], idleExceptions: [])
    }
}
