import ArgumentParser

struct ImageCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image", abstract: "Look at images, name them, take them elsewhere.",
        discussion: "These work on the store itself, as root, whether the daemon runs or not; only `prune`, `reject` and `accept` need it.",
        subcommands: [
            ImageList.self, ImageShow.self, ImageDiff.self, ImagePull.self, ImagePush.self, ImageExport.self, ImageImport.self, ImageTag.self,
            ImagePrune.self, ImageReject.self, ImageAccept.self,
        ])
}
