extension Migrations {
    /// The newest verdict of each gate on an image, by the policy of a service; and what was rescanned last. Promotions keep the verdicts that
    /// they relied on. `body` holds a `GateVerdict`.
    static let gateVerdicts = """
        CREATE TABLE gateVerdicts (
            service TEXT NOT NULL REFERENCES services (name),
            image TEXT NOT NULL,
            gate TEXT NOT NULL,
            passes INTEGER NOT NULL CHECK (passes IN (0, 1)),
            body TEXT NOT NULL,
            PRIMARY KEY (image, service, gate)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE rescan (
            only INTEGER PRIMARY KEY NOT NULL CHECK (only = 1),
            at TEXT NOT NULL,
            basis TEXT NOT NULL
        ) STRICT;

        ALTER TABLE promotions ADD COLUMN verdicts TEXT NOT NULL DEFAULT '[]';
        """
}
