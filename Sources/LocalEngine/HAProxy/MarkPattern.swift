import IngotModel

/// Regular expressions by which HAProxy finds marks in a request, each good for a line of a map (no space) and, escaped by
/// `RuntimeCommand`, for its command line. Written so that POSIX and PCRE read them alike.
///
/// All slots share one map: HAProxy's time to read its file grows with the square of how many maps it names. So each pattern begins with
/// its slot, as does what is looked up, and one of another slot is left at its first character.
enum MarkPattern {
    /// What a pattern of a slot begins with.
    static func beginning(_ slot: Int) -> String { "^\(slot)[|]" }

    /// Matches `SLOT|` and the heads of a tester's request, as `req.hdrs` gives them: `name: value\r\n…`, names in lower case.
    static func tester(_ mark: TesterMark, slot: Int) -> String {
        switch mark.place {
        case .header: "\(header(slot))\(literal(mark.name.lowercased())):[[:space:]]*\(literal(mark.value))[[:space:]]*[[:cntrl:]]"
        case .cookie:
            "\(header(slot))cookie:([^[:cntrl:]]*[;[:space:]])?\(literal(mark.name))=\(literal(mark.value))[[:space:]]*[;[:cntrl:]]"
        }
    }

    /// The slot, and all headers before one. A dot would not match the ends of lines; no header has a DEL (RFC 9110, section 5.5).
    private static func header(_ slot: Int) -> String { "\(beginning(slot))([^\u{7f}]*[[:cntrl:]])?" }

    /// Matches `SLOT|` and a `Cookie` in which the router's own one is.
    static func visitor(_ cookie: String, slot: Int) -> String {
        "\(beginning(slot))(.*[;[:space:]])?\(literal(cookie))=([0-9]+)[[:space:]]*(;[[:space:]]*(.*))?$"
    }

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
