extension Migrations {
    /// What people decided about images, who has had a hand in which, and who froze which environment. Promotions keep how every gate stood.
    /// `body` holds an `Approval`, or a `PlacedFreeze`.
    ///
    /// Of before, the authors are those who had an image promoted: who recorded its tests was kept in the events only, without the service.
    static let approvals = """
        CREATE TABLE approvals (
            environment TEXT NOT NULL REFERENCES environments (id),
            image TEXT NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX approvalsByImage ON approvals (environment, image);
        CREATE TRIGGER approvalsStay BEFORE DELETE ON approvals BEGIN SELECT RAISE(ABORT, 'an approval is never deleted'); END;
        CREATE TRIGGER approvalsUnchanged BEFORE UPDATE ON approvals BEGIN SELECT RAISE(ABORT, 'an approval is never changed'); END;

        CREATE TABLE imageAuthors (
            service TEXT NOT NULL REFERENCES services (name),
            image TEXT NOT NULL,
            actor TEXT NOT NULL,
            PRIMARY KEY (service, image, actor)
        ) STRICT, WITHOUT ROWID;
        INSERT OR IGNORE INTO imageAuthors (service, image, actor)
            SELECT environments.service, promotions.image, promotions.actor FROM promotions JOIN environments ON environments.id = promotions.environment;

        CREATE TABLE freezes (
            environment TEXT PRIMARY KEY NOT NULL REFERENCES environments (id),
            body TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        ALTER TABLE promotions ADD COLUMN gates TEXT NOT NULL DEFAULT '[]';
        """
}
