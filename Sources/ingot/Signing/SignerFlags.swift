import ArgumentParser
import Gates

/// Whose signature it is.
struct SignerFlags: ParsableArguments {
    @Option(help: ArgumentHelp("The key: a name, or the file of a private key, also of cosign's.", valueName: "key")) var key: String?
    @Option(
        help: ArgumentHelp(
            "Instead of --key: a program that gets the 32 bytes of a SHA-256 and writes the signature in DER; for a token or a key service.",
            valueName: "program"))
    var signerCommand: String?
    @Option(help: ArgumentHelp("The public key of --signer-command: a name or a file.", valueName: "key")) var publicKey: String?
    @OptionGroup var folder: KeyFolderFlags
    @OptionGroup var password: PasswordFlags

    func validate() throws {
        guard (key == nil) != (signerCommand == nil) else { throw ValidationError("give --key, or --signer-command with --public-key") }
        guard (signerCommand == nil) == (publicKey == nil) else { throw ValidationError("--signer-command and --public-key belong together") }
    }

    func signer(_ options: GlobalOptions) throws -> any Signer {
        let folder = folder.folder(options)
        if let signerCommand, let publicKey {
            return CommandSigner(command: [signerCommand], verificationKey: try folder.verificationKey(named: publicKey))
        }
        let key = key ?? ""
        return try folder.signingKey(named: key, password: password.password(for: "the key '\(key)'"))
    }
}
