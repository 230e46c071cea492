import ArgumentParser
import Gates
import IngotModel
import SystemPackage

/// Where keys are.
struct KeyFolderFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp("The folder of the keys; $INGOT_KEYS, or `keys` in the daemon's folder, if left out.", valueName: "folder"),
        completion: .directory)
    var keys: String?

    func folder(_ options: GlobalOptions) -> KeyFolder {
        let chosen = keys ?? EnvironmentVariables.value("INGOT_KEYS") ?? "\(options.rootFolder)/keys"
        return KeyFolder(FilePath(chosen))
    }
}

extension KeyFolder {
    /// A word with a slash or an ending is a file, any other a key of this folder.
    static func isFile(_ word: String) -> Bool { word.contains("/") || word.hasSuffix(".pub") || word.hasSuffix(".key") || word.hasSuffix(".pem") }

    func verificationKey(named word: String) throws -> VerificationKey {
        guard Self.isFile(word) else { return try verificationKey(word) }
        return try VerificationKey(pem: Self.text(word), word)
    }

    func signingKey(named word: String, password: String) throws -> SigningKey {
        guard Self.isFile(word) else { return try signingKey(word, password: password) }
        return try SigningKey(file: Self.text(word), password: password, word)
    }

    private static func text(_ file: String) throws -> String {
        guard let text = try LocalFile.read(file, limit: fileLimit) else { throw CommandError.notRead(file, "it is not there") }
        return text
    }

    private static let fileLimit: ByteSize = 65_536
}
