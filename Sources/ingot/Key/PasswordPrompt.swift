import Glibc

/// Asks for a password on the terminal, which does not show it.
enum PasswordPrompt {
    static func read(_ question: String) throws -> String {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else {
            throw CommandError(
                "password-missing", "a password is needed, and there is no terminal to ask on",
                remedy: "give it in INGOT_KEY_PASSWORD, or in a file with --password-file")
        }
        defer { close(terminal) }
        var before = termios()
        guard tcgetattr(terminal, &before) == 0 else { throw CommandError("password-missing", "the terminal cannot be asked for a password") }
        var silent = before
        // Interrupts are read as bytes: one that ended the program would leave the terminal silent.
        silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        tcsetattr(terminal, TCSAFLUSH, &silent)
        defer { tcsetattr(terminal, TCSAFLUSH, &before) }
        write(question, to: terminal)
        defer { write("\n", to: terminal) }
        guard let line = line(from: terminal) else { throw CommandError("password-missing", "no password was given") }
        return line
    }

    private static let limit = 4_096

    /// `nil` when it was interrupted.
    private static func line(from terminal: CInt) -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < limit, Glibc.read(terminal, &byte, 1) == 1 {
            switch byte {
            case 3, 4, 28: return nil
            case 8, 127: _ = bytes.popLast()
            case 10, 13: return String(decoding: bytes, as: UTF8.self)
            default: bytes.append(byte)
            }
        }
        return nil
    }

    private static func write(_ text: String, to terminal: CInt) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(terminal, bytes, bytes.count)
    }
}
