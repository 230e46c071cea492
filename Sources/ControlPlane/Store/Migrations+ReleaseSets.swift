extension Migrations {
    /// `body` holds a `ReleaseSetRecord`.
    static let releaseSets = """
        CREATE TABLE releaseSets (
            number INTEGER PRIMARY KEY NOT NULL CHECK (number > 0),
            revision INTEGER NOT NULL,
            isRunning INTEGER NOT NULL CHECK (isRunning IN (0, 1)),
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX runningReleaseSets ON releaseSets (number) WHERE isRunning = 1;

        CREATE TRIGGER releaseSetsStay BEFORE DELETE ON releaseSets BEGIN SELECT RAISE(ABORT, 'a release set is never deleted'); END;
        """
}
