import Foundation
import Yams

/// Alpine's list of the versions that mend vulnerabilities, of one repository of one release; as JSON or as YAML.
///
/// Source: secdb.alpinelinux.org; gitlab.alpinelinux.org/alpine/infra/alpine-secdb, README.
struct AlpineDatabase: Decodable {
    struct Entry: Decodable {
        struct Package: Decodable {
            var name: String
            /// By version, the identifiers it mends; `0` stands for those that never affected the package.
            var secfixes: [String: [String]]?
        }
        var pkg: Package
    }
    var distroversion: String
    /// `main` or `community`.
    var reponame: String?
    var packages: [Entry]?

    static func decode(_ bytes: [UInt8], _ limits: AdvisoryLimits) throws -> AlpineDatabase {
        let first = bytes.first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
        if first == UInt8(ascii: "{") { return try JSONDecoder().decode(AlpineDatabase.self, from: Data(bytes)) }
        try checkYAML(bytes)
        return try YAMLDecoder().decode(AlpineDatabase.self, from: String(decoding: bytes, as: UTF8.self))
    }

    static let largestYAML = 16 << 20
    private static let deepestYAML = 64

    /// The reader of YAML descends by recursion, and an alias repeats what it names: both are bounded before it begins. The real
    /// files have neither nesting of brackets nor aliases.
    private static func checkYAML(_ bytes: [UInt8]) throws {
        guard bytes.count <= largestYAML else { throw AdvisoryError.tooLarge("the YAML file", limit: "\(largestYAML) bytes") }
        var openings = 0
        for line in bytes.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }) {
            openings += line.count { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") }
            let indentation = line.prefix { " \t-?:".utf8.contains($0) }
            guard openings <= deepestYAML, indentation.count <= deepestYAML else {
                throw AdvisoryError.tooLarge("the nesting of the YAML file", limit: "\(deepestYAML)")
            }
            let words = line.split { $0 == 0x20 || $0 == 0x09 }
            guard !words.contains(where: { $0.first == UInt8(ascii: "&") || $0.first == UInt8(ascii: "*") }) else {
                throw AdvisoryError.malformed("the YAML file", "it has anchors or aliases")
            }
        }
    }

    func advisories(_ limits: AdvisoryLimits) throws -> [Advisory] {
        let isRelease = distroversion == "edge" || distroversion.first == "v" && distroversion.utf8.dropFirst().first?.isDigit == true
        guard isRelease, let scope = AdvisoryScope("Alpine:\(distroversion)") else {
            throw AdvisoryError.malformed("the file", "'\(distroversion.prefix(40))' is no release of Alpine")
        }
        var advisories: [Advisory] = []
        for package in (packages ?? []).map(\.pkg) {
            guard package.name.utf8.count <= limits.nameBytes else { throw AdvisoryError.tooLarge("a name", limit: "\(limits.nameBytes) bytes") }
            for (version, texts) in package.secfixes ?? [:] where version != "0" {
                for text in texts {
                    let names = Self.names(text)
                    guard let first = names.first else { throw AdvisoryError.malformed(package.name, "what \(version.prefix(64)) mends has no name") }
                    advisories.append(
                        Advisory(
                            id: first, aliases: Array(names.dropFirst()), scope: scope, package: package.name,
                            ranges: [AffectedRange([(.introduced, "0"), (.fixed, version)], order: scope.order)]))
                }
                guard advisories.count <= limits.records else { throw AdvisoryError.tooLarge("the file", limit: "\(limits.records) advisories") }
            }
        }
        return advisories
    }

    /// `CVE-2017-2616 (+ regression fix)`, `CVE-2019-14697 XSA-305`: what looks like an identifier is one; where nothing does, all of it is.
    private static func names(_ text: String) -> [String] {
        let words = text.split(separator: " ").map { String($0.prefix(longestName)) }
        let names = words.filter { $0.first?.isUppercase == true && $0.contains("-") && $0.utf8.contains(where: \.isDigit) }
        return names.isEmpty ? words.isEmpty ? [] : [String(text.prefix(longestName))] : names
    }

    private static let longestName = 64
}
