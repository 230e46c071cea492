import ArgumentParser

struct CacheCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache", abstract: "Look at what earlier builds left for later ones, and remove it.",
        subcommands: [CacheList.self, CachePrune.self])
}
