public import IngotModel

/// An error as an HTTP answer: problem details, media type `application/problem+json`.
///
/// Source: RFC 9457. `code`, `remedy`, `fault` and `causes` are extension members (section 3.2).
public struct Problem: Sendable, Codable, Equatable {
    public static let mediaType = "application/problem+json"

    /// `urn:ingot:problem:` and the error's code.
    public var type: String
    public var title: String
    public var status: Int
    public var detail: String?
    public var code: String
    public var remedy: String?
    public var fault: Fault
    public var causes: [String]

    public init(_ report: ErrorReport, status: Int) {
        type = "urn:ingot:problem:\(report.code)"
        title = report.message
        self.status = status
        detail = report.causes.first
        code = report.code
        remedy = report.remedy
        fault = report.fault
        causes = report.causes
    }

    public var report: ErrorReport {
        ErrorReport(code: code, message: title, remedy: remedy, fault: fault, causes: causes)
    }
}
