import API
import ArgumentParser
import Client
import ImageStore
import IngotModel

struct ImageTag: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag", abstract: "Give an image a name, or take a name away.",
        discussion: """
            A tagged image is kept by `ingot image prune`. A name that another image had moves, but a version such as guestbook:1.4.0 never \
            does. `latest` is refused, and so are the tags of environments, such as guestbook:production: those move by promotion.

            Example:
              ingot image tag 6c3c624b58db guestbook:v1
              ingot image tag --remove guestbook:v1
            """)

    @Argument(help: "A digest (or 12 digits of it), a tag or a commit.") var image: String
    @Argument(help: "The name to give.") var name: String?
    @Flag(help: "Take the given tag away.") var remove = false
    @OptionGroup var options: GlobalOptions

    struct Answer: Encodable {
        var tag: String
        /// `nil` when the tag was taken away.
        var digest: Digest?
    }

    func validate() throws {
        if remove, name != nil { throw ValidationError("--remove takes one tag.") }
        if !remove, name == nil { throw ValidationError("Which name? `ingot image tag \(image) NAME`.") }
    }

    func run() async throws {
        let store = try options.store()
        guard let name else {
            guard try store.tags()[image] != nil else {
                throw CommandError("tag-missing", "there is no tag '\(image)'", remedy: "`ingot image list` shows them")
            }
            if try await environments().contains(image) { throw TagPolicy.environment(image) }
            try store.untag(image)
            return console.show(TagView(value: Answer(tag: image, digest: nil)))
        }
        let digest = try store.digest(of: image)
        try store.give(name, to: digest, environments: await environments())
        console.show(TagView(value: Answer(tag: name, digest: digest)))
    }

    /// The tags of the environments that the daemon knows. Without a daemon there are none to ask; when it starts it puts them right.
    private func environments() async throws -> Set<String> {
        do {
            let environments = try await options.client.services().flatMap(\.environments)
            return Set(environments.map { "\($0.environment.service):\($0.environment.environment)" })
        } catch let error as ClientError where error.code == "client.daemon-not-running" { return [] }
    }
}

struct TagView: View {
    var value: ImageTag.Answer
    func lines(_ style: TextStyle) -> [String] {
        [value.digest.map { "\(value.tag) is \($0.short) now" } ?? "\(value.tag) is no image's name any more"]
    }
}
