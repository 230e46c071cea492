import ArgumentParser
import ImageBuild
import IngotModel

struct CachePrune: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove what earlier builds left: all of it, or what is old or too much.",
        discussion: """
            Images stay, and so do their layers. After each build what was unused for 30 days goes by itself, and what is over 20 GiB.

            Example:
              ingot cache prune
              ingot cache prune --older-than 7d --keep 5GiB --dry-run
            """)

    @Option(help: ArgumentHelp("Only what no build used for longer, such as 7d.", valueName: "age"), transform: BaseRebuild.age)
    var olderThan: Milliseconds?
    @Option(help: ArgumentHelp("The least recently used until the rest takes less, such as 5GiB.", valueName: "size"), transform: StepFlags.size)
    var keep: ByteSize?
    @Flag(help: "Only say what would go.") var dryRun = false
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        // Neither limit means that nothing is kept.
        let policy = BuildCachePolicy(maximumAge: olderThan, maximumSize: keep ?? (olderThan == nil ? 0 : nil))
        let pruning = try LocalBuild(options).builder.pruneCache(policy, isDryRun: dryRun)
        console.show(PruningView(value: pruning, isDryRun: dryRun))
    }
}

struct PruningView: View {
    var value: BuildCachePruning
    var isDryRun: Bool

    func lines(_ style: TextStyle) -> [String] {
        let layers = Words.count(value.layers.count, "layer")
        return [isDryRun ? "would remove \(layers), and free \(value.freed)" : "removed \(layers), freed \(value.freed)"]
    }
}
