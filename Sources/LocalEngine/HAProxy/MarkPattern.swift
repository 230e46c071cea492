import IngotModel

/// Regular expressions by which HAProxy finds marks in a request, each good for a line of a map (no space) and, escaped by
/// `RuntimeCommand`, for its command line. Written so that POSIX and PCRE read them alike.
enum MarkPattern {
    /// Matches the heads of a tester's request, as `req.hdrs` gives them: `name: value\r\n…`, names in lower case.
    static func tester(_ mark: TesterMark) -> String {
        switch mark.place {
        case .header: "(^|[[:cntrl:]])\(literal(mark.name.lowercased())):[[:space:]]*\(literal(mark.value))[[:space:]]*[[:cntrl:]]"
        case .cookie:
            "(^|[[:cntrl:]])cookie:([^[:cntrl:]]*[;[:space:]])?\(literal(mark.name))=\(literal(mark.value))[[:space:]]*[;[:cntrl:]]"
        }
    }

    /// Matches a `Cookie` in which the router's own one is.
    static func visitor(_ cookie: String) -> String { "^(.*[;[:space:]])?\(literal(cookie))=([0-9]+)[[:space:]]*(;[[:space:]]*(.*))?$" }

    /// What `visitor` gives: the release's number, a bar, and the `Cookie` without it.
    static let visitorParts = #"\2|\1\4"#

    /// A text that stands for itself only.
    static func literal(_ text: String) -> String {
        text.utf8.reduce(into: "") { pattern, byte in
            let character = Character(Unicode.Scalar(byte))
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"), UInt8(ascii: "-"):
                pattern.append(character)
            case UInt8(ascii: "^"): pattern += "\\^"
            default: pattern += "[\(character)]"
            }
        }
    }
}
