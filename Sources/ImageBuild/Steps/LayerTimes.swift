import ImageStore

/// Sets the times of what a step wrote.
enum LayerTimes {
    /// Every file that was written gets the date. A folder that only stands on the way, its time the one it has
    /// below, keeps that.
    static func set(_ date: SourceDate, in tree: inout FileTree, over parent: MountedTree?) throws(BuildError) {
        let modified = FileTime(seconds: Int64(date.second))
        for entry in tree.entries() {
            if entry.node.isFolder, let parent {
                let below = try parent.find(entry.path.components.map(\.description))
                if let below, below.isFolder, below.metadata.modified == entry.node.metadata.modified { continue }
            }
            tree.update(entry.id) { $0.modified = modified }
        }
    }
}
