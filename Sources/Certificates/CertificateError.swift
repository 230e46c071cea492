package import IngotModel

/// What is wrong with a certificate that a server is to show.
package struct CertificateError: ExplainedError {
    package let code: String
    package let message: String
    package let remedy: String?
    package var fault: Fault { .user }
    package var cause: (any Error)? { nil }

    init(_ code: String, _ message: String, remedy: String) {
        self.code = "certificates.\(code)"
        self.message = message
        self.remedy = remedy
    }
}
