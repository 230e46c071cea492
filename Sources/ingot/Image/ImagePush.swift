import ArgumentParser
import ImageStore
import IngotModel
import Registry

struct ImagePush: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "push", abstract: "Send an image of the store to a registry.",
        discussion: """
            With it go its provenance and other documents about it, and of an image for several platforms all of them. What the \
            registry has is not sent again. Without REFERENCE the image's name is where it goes. A name without a tag would be `latest`, \
            which is refused.

            Example:
              ingot image push guestbook registry.example.com/team/guestbook:1.2
              ingot image push registry.example.com/team/guestbook:1.2
              ingot image push 6c3c624b58db localhost:5000/guestbook --output json
            """)

    @Argument(help: "A digest (or 12 digits of it), a tag or a commit.") var image: String
    @Argument(help: "Where to, such as registry.example.com/team/app:1.2.") var reference: String?
    @OptionGroup var registry: RegistryFlags
    @OptionGroup var options: GlobalOptions

    struct Answer: Encodable {
        var reference: String
        var digest: Digest
        var blobs: TransferCount
        var referrers: Int
    }

    func run() async throws {
        let reference = try ImageReference(reference ?? image)
        try TagPolicy.checkReference("\(reference)")
        let store = try options.store()
        let root = try store.resolveRoot(image) ?? store.digest(of: image)
        let progress = console.progress()
        defer { progress.finish() }
        let shown = TransferProgress(progress, verb: "pushing")
        let pushed = try await RegistryClient.with(registry.options(root: options.rootFolder)) { client in
            try await client.push(root, to: reference, from: store) { shown.happened($0) }
        }
        progress.finish()
        let answer = Answer(reference: "\(reference)", digest: pushed.digest, blobs: pushed.count, referrers: pushed.referrers)
        console.show(PushView(value: answer))
    }
}

struct PushView: View {
    var value: ImagePush.Answer

    func lines(_ style: TextStyle) -> [String] {
        let documents = value.referrers > 0 ? "; \(Words.count(value.referrers, "document")) about it" : ""
        return ["\(value.blobs.words)\(documents)", "\(value.digest): \(value.reference)"]
    }
}
