import ArgumentParser
import Gates
import ImageStore
import IngotModel

struct Sign: IngotCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sign an image.",
        discussion: """
            The signature stands beside the image and does not change its digest; it goes with it when the image is pushed. \
            `cosign verify --key` accepts it there. Signing again with the same key does nothing.

            Example:
              ingot sign guestbook --key release
              ingot sign 6c3c624b58db --signer-command /usr/local/bin/sign-with-token --public-key token.pub
            """)

    @Argument(help: "A digest (or 12 digits of it), a tag or a commit.") var image: String
    @OptionGroup var signer: SignerFlags
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let store = try options.store()
        let image = try store.digest(of: image)
        let signer = try signer.signer(options)
        let type = PredicateType.signature.uri
        let requirement = SignatureRequirement(predicateType: type, trusted: [signer.verificationKey])
        let isNew = try !requirement.judge(store.signedDocuments(about: image), of: image).isMet
        if isNew {
            let statement = try Statement(about: Subject(name: nil, digest: image), predicateType: type, predicate: Array("{}".utf8))
            let bundle = try await signer.sign(statement)
            // For cosign 2, which does not look for a bundle.
            let simple = try await SimpleSignature.sign(image, by: signer)
            try store.addSignature(simple, to: image)
            try store.addBundle(bundle, to: image, predicateType: type)
        }
        console.show(SignView(value: .init(image: image, predicateType: type, key: signer.verificationKey.id, isNew: isNew)))
    }
}

struct SignView: View {
    struct Answer: Encodable {
        var image: Digest
        var predicateType: String
        var key: String
        var isNew: Bool
    }
    var value: Answer

    func lines(_ style: TextStyle) -> [String] {
        guard value.isNew else { return ["image \(value.image.short) has a signature of this key already"] }
        return ["image \(value.image.short) is signed as \(value.predicateType)", "by the key \(value.key)"]
    }
}
