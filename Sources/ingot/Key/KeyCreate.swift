import ArgumentParser
import Gates

struct KeyCreate: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a key: ECDSA on the curve P-256.",
        discussion: """
            Its password comes from --password-file, from INGOT_KEY_PASSWORD, or from the terminal.

            Example:
              ingot key create release
              INGOT_KEY_PASSWORD=… ingot key create ci --keys ~/.ingot/keys
            """)

    @Argument(help: "What the key is called here.") var name: String
    @OptionGroup var folder: KeyFolderFlags
    @OptionGroup var password: PasswordFlags
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let keys = folder.folder(options)
        let key = try keys.create(name, password: password.password(for: "the new key '\(name)'", isNew: true))
        console.show(KeyView(value: KeyView.Answer(name: name, key: key, hasPrivateKey: true)))
    }
}
