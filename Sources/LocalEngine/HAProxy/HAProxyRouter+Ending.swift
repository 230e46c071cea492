public import SystemPackage

extension HAProxyRouter {
    /// Ends the HAProxy of a folder that no router uses any more: requests in flight are cut. For shutting a machine's
    /// services down. That none runs is no error.
    ///
    /// - Returns: whether one ran.
    @discardableResult
    public static func endProxy(of folder: FilePath) -> Bool {
        let folder = RouterFolder(path: folder)
        // A record that can't be read names no process that could be ended.
        guard let process = try? folder.readJSON(HAProxyProcess.self, from: "process.json"), process.isRunning else { return false }
        process.end(patience: .seconds(2))
        return true
    }
}
