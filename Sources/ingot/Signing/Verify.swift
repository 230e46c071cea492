import ArgumentParser
import Gates
import ImageStore
import IngotModel

struct Verify: IngotCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check who has signed an image.",
        discussion: """
            Ends with 3 when too few of the keys have signed exactly this image, or a statement of exactly this type about it. Transparency logs \
            are not asked: trust is in the keys that are given. Signatures with a certificate (keyless) count for nothing, nor do tests that \
            failed, scans that let the image fail, and approvals that were refused or do not hold now.

            Example:
              ingot verify guestbook --key release
              ingot verify guestbook --key alice.pub --key bob.pub --keys-needed 2
              ingot verify guestbook --key ci --type test
            """)

    @Argument(help: "A digest (or 12 digits of it), a tag or a commit.") var image: String
    @Option(help: ArgumentHelp("A key that is trusted: a name, or the file of a public key; may be given again.", valueName: "key"))
    var key: [String]
    @Option(help: ArgumentHelp("What must be signed; as with `ingot attest`.", valueName: "type")) var type = PredicateType.signature.rawValue
    @Option(help: ArgumentHelp("How many different keys must have signed the same.", valueName: "count")) var keysNeeded = 1
    @OptionGroup var folder: KeyFolderFlags
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard !key.isEmpty else { throw ValidationError("give at least one --key") }
        guard (1...key.count).contains(keysNeeded) else { throw ValidationError("--keys-needed must be between 1 and the number of keys") }
    }

    func run() async throws {
        let store = try options.store()
        let image = try store.digest(of: image)
        let folder = folder.folder(options)
        let trusted = try key.map { (name: $0, key: try folder.verificationKey(named: $0)) }
        let requirement = SignatureRequirement(predicateType: PredicateType.uri(of: type), trusted: trusted.map(\.key), keys: keysNeeded)
        let evidence = try SignedEvidence(store.signedDocuments(about: image), about: image, keys: requirement.trusted)
        let verdict = requirement.judge(evidence.inFavour(at: Clock.now))
        if let missing = verdict.missing { throw Self.refused(missing, verdict) }
        let signers = trusted.filter { verdict.signers.contains($0.key.id) }.map(\.name)
        console.show(VerifyView(value: .init(image: image, predicateType: requirement.predicateType, signers: signers)))
    }

    private static func refused(_ missing: String, _ verdict: SignatureVerdict) -> GateError {
        let reasons = Set(verdict.refused.map(\.message)).sorted()
        let cause = reasons.prefix(shownReasons).reversed().reduce(nil as GateError?) { cause, reason in
            GateError(code: "gates.signature", message: "a signed document counts for nothing: \(Terminal.safe(reason))", fault: .gate, cause: cause)
        }
        return GateError(
            code: "gates.signature-missing", message: missing, remedy: "`ingot sign` or `ingot attest` with a trusted key, or pull what is signed",
            fault: .gate, cause: cause)
    }

    private static let shownReasons = 10
}

struct VerifyView: View {
    struct Answer: Encodable {
        var image: Digest
        var predicateType: String
        var signers: [String]
    }
    var value: Answer

    func lines(_ style: TextStyle) -> [String] {
        ["image \(value.image.short) is signed as \(value.predicateType)", "by \(value.signers.joined(separator: ", "))"]
    }
}
