import ArgumentParser
import IngotModel

/// Where a key's password comes from. Never an argument: everybody on the machine can read those.
struct PasswordFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp("A file with the key's password; $INGOT_KEY_PASSWORD, or the terminal, if left out.", valueName: "file"),
        completion: .file())
    var passwordFile: String?

    /// - Parameter isNew: whether it is asked for twice.
    func password(for what: String, isNew: Bool = false) throws -> String {
        if let passwordFile { return try Self.content(of: passwordFile) }
        if let password = EnvironmentVariables.text("INGOT_KEY_PASSWORD") { return try Self.checked(password, "INGOT_KEY_PASSWORD") }
        let password = try Self.checked(PasswordPrompt.read("Password of \(what): "), "what was typed")
        if isNew, try PasswordPrompt.read("Once more: ") != password {
            throw CommandError("passwords-differ", "the two passwords are not the same", remedy: "try again")
        }
        return password
    }

    private static let limit: ByteSize = 4_096

    private static func content(of file: String) throws -> String {
        guard var text = try LocalFile.read(file, limit: limit) else { throw CommandError.notRead(file, "it is not there") }
        if text.hasSuffix("\n") { text.removeLast() }
        return try checked(text, file)
    }

    private static func checked(_ password: String, _ source: String) throws -> String {
        guard !password.isEmpty else {
            throw CommandError("password-empty", "the password from \(source) is empty", remedy: "a key without a password is not protected")
        }
        return password
    }
}
