import ArgumentParser
import Gates

struct KeyShow: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print a key's public half, for those who verify.",
        discussion: """
            Example:
              ingot key show release > release.pub
              cosign verify --key release.pub --insecure-ignore-tlog registry.example.com/team/app:1.2
            """)

    @Argument(help: "A key's name, or the file of a public key.") var key: String
    @OptionGroup var folder: KeyFolderFlags
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let keys = folder.folder(options)
        let found = try keys.verificationKey(named: key)
        let hasPrivateKey = !KeyFolder.isFile(key) && keys.hasPrivateKey(key)
        console.show(KeyView(value: KeyView.Answer(name: key, key: found, hasPrivateKey: hasPrivateKey)))
    }
}

struct KeyView: View {
    struct Answer: Encodable {
        var name: String
        /// As cosign writes it into a bundle.
        var id: String
        var pem: String
        var hasPrivateKey: Bool

        init(name: String, key: VerificationKey, hasPrivateKey: Bool) {
            self.name = name
            self.id = key.id
            self.pem = key.pem
            self.hasPrivateKey = hasPrivateKey
        }

        init(_ entry: KeyFolder.Entry) { self.init(name: entry.name, key: entry.key, hasPrivateKey: entry.hasPrivateKey) }
    }

    var value: Answer

    func lines(_ style: TextStyle) -> [String] { value.pem.split(separator: "\n").map(String.init) }
}
