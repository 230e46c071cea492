extension Migrations {
    /// Who may do what, and tokens by their hashes. Whoever was let in by the socket's group until now keeps what they had.
    static let access = """
        CREATE TABLE grants (
            subject TEXT NOT NULL,
            role TEXT NOT NULL,
            scope TEXT NOT NULL,
            at TEXT NOT NULL,
            actor TEXT NOT NULL,
            PRIMARY KEY (subject, role, scope)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO grants (subject, role, scope, at, actor)
            VALUES ('group:ingot', 'administrator', '*', strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), 'ingot');

        CREATE TABLE tokens (
            id TEXT PRIMARY KEY NOT NULL,
            hash TEXT NOT NULL,
            name TEXT NOT NULL UNIQUE,
            owner TEXT NOT NULL,
            role TEXT NOT NULL,
            scope TEXT NOT NULL,
            at TEXT NOT NULL,
            actor TEXT NOT NULL,
            until TEXT NOT NULL,
            lastUsed TEXT
        ) STRICT, WITHOUT ROWID;
        """
}
