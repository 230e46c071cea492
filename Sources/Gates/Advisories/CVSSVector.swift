/// The base score of a CVSS vector, in tenths.
///
/// Versions 2.0, 3.0 and 3.1 are computed by their specifications. A vector of version 4.0 has no formula but a table of 270 places:
/// its score is not computed, and the rating that its database gives beside it counts.
public enum CVSSVector {
    /// `nil` for a vector that is malformed, lacks a base metric, or is of another version.
    public static func baseScoreTenths(_ vector: String) -> Int? {
        guard vector.utf8.count <= 256 else { return nil }
        var parts = vector.split(separator: "/").map(String.init)
        let isVersion3 = parts.first == "CVSS:3.1" || parts.first == "CVSS:3.0"
        if isVersion3 { parts.removeFirst() }
        guard let metrics = metrics(parts) else { return nil }
        if isVersion3 { return version3(metrics) }
        return vector.hasPrefix("CVSS:") ? nil : version2(metrics)
    }

    private static func metrics(_ parts: [String]) -> [String: String]? {
        var metrics: [String: String] = [:]
        for part in parts {
            let pair = part.split(separator: ":", omittingEmptySubsequences: false)
            guard pair.count == 2, metrics.updateValue(String(pair[1]), forKey: String(pair[0])) == nil else { return nil }
        }
        return metrics
    }

    private static func weight(_ metric: String, in metrics: [String: String], _ weights: [String: Double]) -> Double? {
        metrics[metric].flatMap { weights[$0] }
    }

    /// Source: CVSS 3.1, sections 7.1 and 7.4; Appendix A for rounding up.
    private static func version3(_ metrics: [String: String]) -> Int? {
        guard let scope = metrics["S"], scope == "U" || scope == "C" else { return nil }
        let isChanged = scope == "C"
        let impactWeights = ["H": 0.56, "L": 0.22, "N": 0]
        guard let vector = weight("AV", in: metrics, ["N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2]),
            let complexity = weight("AC", in: metrics, ["L": 0.77, "H": 0.44]),
            let privileges = weight("PR", in: metrics, ["N": 0.85, "L": isChanged ? 0.68 : 0.62, "H": isChanged ? 0.5 : 0.27]),
            let interaction = weight("UI", in: metrics, ["N": 0.85, "R": 0.62]),
            let confidentiality = weight("C", in: metrics, impactWeights), let integrity = weight("I", in: metrics, impactWeights),
            let availability = weight("A", in: metrics, impactWeights)
        else { return nil }
        let base = 1 - (1 - confidentiality) * (1 - integrity) * (1 - availability)
        let impact = isChanged ? 7.52 * (base - 0.029) - 3.25 * power(base - 0.02, 15) : 6.42 * base
        guard impact > 0 else { return 0 }
        let exploitability = 8.22 * vector * complexity * privileges * interaction
        return roundedUp(min((isChanged ? 1.08 : 1) * (impact + exploitability), 10))
    }

    /// Source: CVSS 3.1, Appendix A, "Floating Point Rounding".
    private static func roundedUp(_ score: Double) -> Int {
        let hundredThousandths = Int((score * 100_000).rounded())
        return hundredThousandths % 10_000 == 0 ? hundredThousandths / 10_000 : hundredThousandths / 10_000 + 1
    }

    private static func power(_ base: Double, _ exponent: Int) -> Double { (0..<exponent).reduce(1) { product, _ in product * base } }

    /// Source: CVSS 2.0, section 3.2.1, "Base Equation".
    private static func version2(_ metrics: [String: String]) -> Int? {
        let impactWeights = ["N": 0, "P": 0.275, "C": 0.660]
        guard let vector = weight("AV", in: metrics, ["L": 0.395, "A": 0.646, "N": 1]),
            let complexity = weight("AC", in: metrics, ["H": 0.35, "M": 0.61, "L": 0.71]),
            let authentication = weight("Au", in: metrics, ["M": 0.45, "S": 0.56, "N": 0.704]),
            let confidentiality = weight("C", in: metrics, impactWeights), let integrity = weight("I", in: metrics, impactWeights),
            let availability = weight("A", in: metrics, impactWeights)
        else { return nil }
        let impact = 10.41 * (1 - (1 - confidentiality) * (1 - integrity) * (1 - availability))
        let exploitability = 20 * vector * complexity * authentication
        let score = (0.6 * impact + 0.4 * exploitability - 1.5) * (impact == 0 ? 0 : 1.176)
        return Int((score * 10).rounded())
    }
}
