extension Migrations {
    /// What is known of each secret of an environment: versions and failures, never a value. `body` holds a `SecretReading`.
    static let secretReadings = """
        CREATE TABLE secretReadings (
            environment TEXT NOT NULL REFERENCES environments (id),
            name TEXT NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (environment, name)
        ) STRICT, WITHOUT ROWID;
        """
}
