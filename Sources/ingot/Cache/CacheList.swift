import ArgumentParser
import ImageBuild
import ImageStore
import IngotModel

struct CacheList: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the layers that are kept for later builds, the least recently used first.",
        discussion: """
            Example:
              ingot cache list
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        console.show(CacheView(value: try LocalBuild(options).builder.cachedLayers(), now: Clock.now))
    }
}

struct CacheView: View {
    var value: [RetainedLayer]
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isEmpty else { return ["The build cache is empty."] }
        var table = Table([.left("LAYER"), .right("SIZE"), .left("LAST USED"), .left("IN AN IMAGE")])
        for layer in value {
            table.add(
                Table.Cell(layer.diffID.short), "\(layer.size)", Table.Cell(Words.ago(Timestamp(secondsSince1970: layer.usedAtSecond), now: now)),
                layer.isInImage ? "yes" : "no")
        }
        let own = value.filter { !$0.isInImage }.reduce(0) { $0 + $1.size }
        return table.lines(style) + ["", "\(own) would be free without the cache; what images have goes with them"]
    }
}
