/// The header by which a token comes: `Authorization: Bearer ingot_…`.
///
/// Source: RFC 6750, section 2.1; the scheme's case does not matter (RFC 9110, section 11.1).
public enum BearerAuthorization {
    private static let scheme = "bearer"

    /// `nil` where there is none, where there are several, and where it is anything else.
    public static func token(in values: [String]) -> AccessToken? {
        guard values.count == 1, let value = values.first, let space = value.firstIndex(of: " "),
            value[..<space].lowercased() == scheme
        else { return nil }
        return AccessToken(text: String(value[space...].drop { $0 == " " }))
    }

    public static func value(for token: AccessToken) -> String { "Bearer \(token.text)" }
}
