import ArgumentParser
import Gates
import ImageStore
import IngotModel

struct Attest: IngotCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sign a statement about an image: how it was built, tested, scanned, or what else one has to say.",
        discussion: """
            The statement is an in-toto statement in a Sigstore bundle beside the image. Without --predicate, `slsaprovenance1` signs what the \
            builder wrote about the image; look at it first if others can write to this store.

            Example:
              ingot attest guestbook --key ci --type slsaprovenance1
              ingot attest guestbook --key ci --type test --predicate result.json
              ingot attest guestbook --key ci --type https://example.com/review/v1 --predicate review.json
            """)

    @Argument(help: "A digest (or 12 digits of it), a tag or a commit.") var image: String
    @Option(
        help: ArgumentHelp(
            "What kind of statement: \(PredicateType.allCases.map(\.rawValue).joined(separator: ", ")), or the URI of a type.", valueName: "type"))
    var type: String
    @Option(help: ArgumentHelp("A file with what is stated, as a JSON object.", valueName: "file"), completion: .file()) var predicate: String?
    @OptionGroup var signer: SignerFlags
    @OptionGroup var options: GlobalOptions

    private static let predicateLimit: ByteSize = .mebibytes(16)

    func run() async throws {
        let store = try options.store()
        let digest = try store.digest(of: image)
        let statement = try statement(about: digest, in: store)
        try PredicateType.check(statement)
        let signer = try signer.signer(options)
        try store.addBundle(await signer.sign(statement), to: digest, predicateType: statement.predicateType)
        console.show(
            SignView(value: .init(image: digest, predicateType: statement.predicateType, key: signer.verificationKey.id, isNew: true)))
    }

    private func statement(about digest: Digest, in store: ImageStore) throws -> Statement {
        let type = PredicateType.uri(of: type)
        guard let predicate else { return try unsigned(type, about: digest, in: store) }
        guard let text = try LocalFile.read(predicate, limit: Self.predicateLimit) else { throw CommandError.notRead(predicate, "it is not there") }
        let name = try store.image(digest).configuration.config.labels?["org.opencontainers.image.title"]
        return try Statement(about: Subject(name: name, digest: digest), predicateType: type, predicate: Array(text.utf8))
    }

    /// What was found was perhaps put there by somebody else: what is signed of it is its predicate, about this image alone.
    private func unsigned(_ type: String, about digest: Digest, in store: ImageStore) throws -> Statement {
        let found = try store.unsignedStatements(about: digest, predicateType: type)
        guard let statement = found.first, found.count == 1 else {
            throw CommandError(
                "predicate-missing",
                "there \(found.isEmpty ? "is no statement" : "are several statements") of type \(type) beside image \(digest.short)",
                remedy: "give what is to be stated with --predicate FILE")
        }
        let name = try store.image(digest).configuration.config.labels?["org.opencontainers.image.title"]
        return try statement.restated(about: Subject(name: name, digest: digest))
    }
}
