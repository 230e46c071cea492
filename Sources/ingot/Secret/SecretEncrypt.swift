import API
import ArgumentParser
import Client
import Glibc
import IngotModel
import Manifest
import Secrets

struct SecretEncrypt: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "encrypt", abstract: "Encrypt a value into a file that is committed beside ingot.yaml.",
        discussion: """
            Only the daemon can open it, and only for this environment and this name. The value is what comes on standard input, as it is, or is \
            asked for on the terminal. A value that was there is replaced; nobody but the daemon can read it, so there is no command to edit one.

            Example:
              ingot secret encrypt production DATABASE_PASSWORD
              openssl rand -hex 32 | tr -d '\\n' | ingot secret encrypt production API_KEY
              ingot secret encrypt production TLS_KEY --from key.pem

            In ingot.yaml: secrets: { DATABASE_PASSWORD: { encrypted: \(SealedSecretsFile.usualName) } }
            """)

    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @Argument(help: "The secret's name, as in run.secrets.") var name: String
    @Option(help: ArgumentHelp("A file with the value.", valueName: "file"), completion: .file()) var from: String?
    @Option(help: ArgumentHelp("What `ingot secret key` prints; the daemon is asked if left out.", valueName: "key")) var key: String?
    @Option(help: ArgumentHelp("The file to write, relative to the folder of ingot.yaml.", valueName: "file")) var into: String = SealedSecretsFile
        .usualName
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let target = try await ServiceChoice(options: service, client: options.client, console: console).environment(environment)
        let key = try await publicKey(for: target)
        let box = try key.seal(try value(), for: target, name: name)
        let path = service.besideManifest(into)
        var file = try SealedFiles.read(path) ?? SealedSecretsFile()
        file.boxes[target.environment, default: [:]][name] = box
        // What is written must be what can be read: a name that is none is found here.
        guard SealedSecretsFile.parse(file.text, file: into).value == file else {
            throw CommandError("secret-name", "'\(name)' can't be the name of a secret", remedy: "use letters, digits, '.', '_' and '-'")
        }
        try LocalFile.replace(path, file.text)
        console.show(EncryptedView(value: EncryptedView.Answer(environment: target, name: name, file: path)))
    }

    private func publicKey(for target: EnvironmentID) async throws -> SealingPublicKey {
        let text: String
        if let key { text = key } else { text = try await options.client.sealingKey(of: target).key }
        guard let key = SealingPublicKey(text: text) else {
            throw CommandError("not-a-key", "'\(text.prefix(80))' is not a key to encrypt for", remedy: "give what 'ingot secret key' prints")
        }
        return key
    }

    private func value() throws -> SecretValue {
        if from == nil, isatty(STDIN_FILENO) == 1 { return SecretValue(Array(try PasswordPrompt.read("Value of \(name): ").utf8)) }
        let descriptor = from.map { open($0, O_RDONLY | O_CLOEXEC) } ?? STDIN_FILENO
        guard descriptor >= 0 else { throw CommandError.notRead(from ?? "", String(cString: strerror(errno))) }
        defer { if from != nil { close(descriptor) } }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: SealingPublicKey.largestValue)
        while bytes.count <= SealingPublicKey.largestValue {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CommandError.notRead(from ?? "standard input", String(cString: strerror(errno))) }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return SecretValue(bytes)
    }
}

struct EncryptedView: View {
    struct Answer: Encodable {
        var environment: EnvironmentID
        var name: String
        var file: String
    }
    var value: Answer

    func lines(_ style: TextStyle) -> [String] { ["\(value.name) of \(value.environment) is encrypted in \(value.file); commit it"] }
}
