import IngotModel

/// The write-ahead log of a database whose last daemon did not end properly.
enum WriteAheadLog {
    /// Writes it anew, atomically, before anybody opens the database: what SQLite reads in it is on the disk then.
    ///
    /// When a sync fails, Linux takes the pages for written although they are not, and goes on to read them from memory. SQLite bears that while a
    /// process lives: it writes them again. The next process can't know: it finds a whole log, builds on it, and a power cut takes the middle away,
    /// with everything that was accepted after it.
    /// Source: https://wiki.postgresql.org/wiki/Fsync_Errors
    ///
    /// Only for whoever holds the daemon's root: a connection that is open would go on with the file that was replaced.
    static func renew(of database: String) throws {
        guard let slash = database.lastIndex(of: "/") else { return }
        let (folder, name) = (String(database[..<slash]), "\(database[database.index(after: slash)...])-wal")
        try PrivateFile.removeUnfinished(in: folder)
        try PrivateFile.rewrite(name, in: folder)
    }
}
