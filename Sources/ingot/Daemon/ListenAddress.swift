/// Where something of the daemon listens: `127.0.0.1:8080`, `[::]:80`, `localhost:80`, or `*:80` for all of the machine's addresses.
///
/// An IPv6 address stands in brackets (RFC 3986, section 3.2.2).
struct ListenAddress: Equatable {
    var host: String
    var port: Int

    /// `nil` for anything else.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (1...65_535).contains(port) else { return nil }
        self.port = port
        var host = text[..<colon]
        if host == "*" {
            self.host = "0.0.0.0"
            return
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".:-%".contains($0)) }) else { return nil }
        self.host = String(host)
    }
}
