import IngotModel

extension Reader {
    /// Whatever is read is written as it came, so that no two texts are one token, one person or one scope.
    func readToken(_ text: String) {
        if let token = AccessToken(text: text) {
            precondition(token.text == text && !"\(token)".contains(text))
            precondition(BearerAuthorization.token(in: [BearerAuthorization.value(for: token)]) == token)
        }
        if let token = BearerAuthorization.token(in: [text]) { precondition(text.hasSuffix(token.text)) }
        if let principal = Principal(text: text) { precondition(principal.text == text) }
        if let subject = AccessSubject(text: text) { precondition(subject.text == text && Principal(text: text)?.token == nil) }
        if let scope = AccessScope(text: text) { precondition(scope.text == text && scope.contains(scope)) }
        _ = BearerAuthorization.token(in: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    }
}
