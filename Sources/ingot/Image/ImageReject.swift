import API
import ArgumentParser
import Client
import IngotModel

struct ImageReject: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Let an image run nowhere any more.",
        discussion: """
            No environment takes it from now on, and whatever runs of it is replaced by the last good release.

            Example:
              ingot image reject 6c3c624b58db --reason "leaks customers' addresses"
            """)

    @Argument(help: "A digest (or 12 digits of it), a tag or a commit.") var image: String
    @Option(help: "Why; it stands in the events, and in every refusal.") var reason: String
    @OptionGroup var options: GlobalOptions

    func run() async throws { console.show(RejectionView(value: try await options.client.reject(image, because: reason))) }
}

struct ImageAccept: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Take the rejection of an image back.",
        discussion: """
            By its digest, or 12 digits of it, also that of an image that is not in the store any more.

            Example:
              ingot image accept 6c3c624b58db
            """)

    @Argument(help: "A digest (or 12 digits of it), a tag or a commit.") var image: String
    @OptionGroup var options: GlobalOptions

    func run() async throws { console.show(RejectionView(value: try await options.client.accept(image))) }
}

struct RejectionView: View {
    var value: RejectionAnswer
    func lines(_ style: TextStyle) -> [String] {
        guard value.isRejected else { return ["image \(value.image.short) may run again"] }
        return ["image \(value.image.short) runs nowhere from now on"] + value.leaving.map { "\($0) goes back to its last good release" }
    }
}
