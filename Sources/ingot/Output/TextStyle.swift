import Glibc

/// How text is written to where it goes: with colours or without, and how wide a line may be.
struct TextStyle: Sendable, Equatable {
    var isColoured: Bool
    /// Columns of the terminal; `nil` when it is not one, and lines may be of any length.
    var width: Int?

    static let plain = TextStyle(isColoured: false, width: nil)

    /// What fits a file descriptor: colours on a terminal, unless `NO_COLOR` is set (https://no-color.org) or the terminal is dumb.
    static func forDescriptor(_ descriptor: CInt) -> TextStyle {
        guard isatty(descriptor) == 1 else { return .plain }
        let refusesColour = EnvironmentVariables.value("NO_COLOR") != nil
        return TextStyle(isColoured: !refusesColour && EnvironmentVariables.value("TERM") != "dumb", width: terminalWidth(descriptor))
    }

    /// Whether lines can be drawn again in place.
    var isLive: Bool { width != nil && EnvironmentVariables.value("TERM") != "dumb" }

    func paint(_ text: String, _ colour: Colour) -> String {
        isColoured ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }

    private static func terminalWidth(_ descriptor: CInt) -> Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    static func terminalHeight(_ descriptor: CInt) -> Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else { return 24 }
        return Int(size.ws_row)
    }
}

/// Source: ECMA-48, section 8.3.117 (select graphic rendition).
enum Colour: String, Sendable {
    case bold = "1"
    case faint = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
}
