import GRDB

/// How the database came to its present form, step by step. A step that was released is never changed; a change is a new step.
enum Migrations {
    static let all: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1-main-path") { try $0.execute(sql: mainPath) }
        migrator.registerMigration("2-rollouts") { try $0.execute(sql: hookResults) }
        migrator.registerMigration("3-commands") { try $0.execute(sql: commands) }
        migrator.registerMigration("4-rejections") { try $0.execute(sql: rejections) }
        migrator.registerMigration("5-rollout-indexes") { try $0.execute(sql: rolloutIndexes) }
        migrator.registerMigration("6-release-sets") { try $0.execute(sql: releaseSets) }
        migrator.registerMigration("7-leases") { try $0.execute(sql: leases) }
        migrator.registerMigration("8-wishes") { try $0.execute(sql: wishes) }
        migrator.registerMigration("9-gate-verdicts") { try $0.execute(sql: gateVerdicts) }
        migrator.registerMigration("10-access") { try $0.execute(sql: access) }
        migrator.registerMigration("11-approvals") { try $0.execute(sql: approvals) }
        migrator.registerMigration("12-secret-readings") { try $0.execute(sql: secretReadings) }
        migrator.registerMigration("13-promotion-releases") { try $0.execute(sql: promotionReleases) }
        return migrator
    }()

    /// So that neither the rollout that runs, nor how many ended in which way, is found by reading the records of all that ever ended.
    private static let rolloutIndexes = """
        CREATE INDEX rolloutsRunning ON rollouts (environment, number) WHERE running IS NOT NULL;
        CREATE INDEX rolloutsByResult ON rollouts (environment, record ->> 'result', record ->> 'image') WHERE record IS NOT NULL;
        """

    /// One list of all that waits, in the order in which it came, in the place of one request and of commands beside it.
    private static let wishes = """
        ALTER TABLE environments ADD COLUMN wishes TEXT NOT NULL DEFAULT '[]';
        UPDATE environments SET wishes = (
            SELECT json_group_array(json(wish)) FROM (
                SELECT json_object('request', json_object('_0', json(request))) AS wish WHERE request IS NOT NULL
                UNION ALL SELECT json_object('command', json_object('_0', json(value))) FROM json_each(commands)));
        ALTER TABLE environments DROP COLUMN request;
        ALTER TABLE environments DROP COLUMN commands;
        """

    /// Images that run nowhere any more, and images that nothing deploys by itself to an environment that went away from them.
    private static let rejections = """
        CREATE TABLE rejections (
            image TEXT PRIMARY KEY NOT NULL,
            reason TEXT NOT NULL,
            at TEXT NOT NULL,
            actor TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE holds (
            environment TEXT NOT NULL REFERENCES environments (id),
            image TEXT NOT NULL,
            reason TEXT NOT NULL,
            at TEXT NOT NULL,
            PRIMARY KEY (environment, image)
        ) STRICT, WITHOUT ROWID;
        """

    /// Who holds an environment, with the greatest token that was given out; and how often a daemon has taken the database over.
    private static let leases = """
        CREATE TABLE leases (
            environment TEXT PRIMARY KEY NOT NULL REFERENCES environments (id),
            token INTEGER NOT NULL CHECK (token >= 0),
            state TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER leaseTokensGrow BEFORE UPDATE ON leases WHEN NEW.token < OLD.token
            BEGIN SELECT RAISE(ABORT, 'the token of a lease never falls'); END;
        CREATE TRIGGER leasesStay BEFORE DELETE ON leases BEGIN SELECT RAISE(ABORT, 'the token of a lease is never forgotten'); END;

        CREATE TABLE writer (
            only INTEGER PRIMARY KEY NOT NULL CHECK (only = 1),
            token INTEGER NOT NULL
        ) STRICT;
        INSERT INTO writer (only, token) VALUES (1, 0);
        CREATE TRIGGER writerTokenGrows BEFORE UPDATE ON writer WHEN NEW.token <= OLD.token
            BEGIN SELECT RAISE(ABORT, 'the token of the writer never falls'); END;
        """

    private static let commands = """
        ALTER TABLE environments ADD COLUMN commands TEXT NOT NULL DEFAULT '[]';
        """

    /// `body`, `state` and the like hold canonical JSON of the value types in `IngotModel`, `Rollout` and `API`.
    private static let mainPath = """
        CREATE TABLE services (
            name TEXT PRIMARY KEY NOT NULL,
            specification TEXT NOT NULL,
            registeredAt TEXT NOT NULL,
            registeredBy TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE environments (
            id TEXT PRIMARY KEY NOT NULL,
            service TEXT NOT NULL REFERENCES services (name),
            state TEXT NOT NULL,
            generation INTEGER NOT NULL,
            request TEXT,
            failures TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE releases (
            environment TEXT NOT NULL REFERENCES environments (id),
            number INTEGER NOT NULL CHECK (number > 0),
            image TEXT NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (environment, number)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE rollouts (
            environment TEXT NOT NULL REFERENCES environments (id),
            number INTEGER NOT NULL,
            running TEXT,
            record TEXT,
            PRIMARY KEY (environment, number),
            CHECK ((running IS NULL) <> (record IS NULL))
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE evidence (
            service TEXT NOT NULL REFERENCES services (name),
            image TEXT NOT NULL,
            test TEXT NOT NULL,
            body TEXT NOT NULL,
            recordedAt TEXT NOT NULL,
            PRIMARY KEY (service, image, test)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE promotions (
            environment TEXT NOT NULL REFERENCES environments (id),
            image TEXT NOT NULL,
            at TEXT NOT NULL,
            actor TEXT NOT NULL,
            evidence TEXT NOT NULL
        ) STRICT;
        CREATE INDEX promotionsByImage ON promotions (environment, image);

        CREATE TABLE events (
            sequence INTEGER PRIMARY KEY NOT NULL,
            environment TEXT,
            body TEXT NOT NULL,
            digest TEXT NOT NULL
        ) STRICT;
        CREATE INDEX eventsByEnvironment ON events (environment, sequence);

        -- The end of the chain, so that events missing at its end are found too.
        CREATE TABLE chainHead (
            only INTEGER PRIMARY KEY NOT NULL CHECK (only = 1),
            sequence INTEGER NOT NULL,
            digest TEXT NOT NULL
        ) STRICT;

        CREATE TRIGGER eventsStay BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'an event is never deleted'); END;
        CREATE TRIGGER eventsUnchanged BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;
        CREATE TRIGGER releasesStay BEFORE DELETE ON releases BEGIN SELECT RAISE(ABORT, 'a release is never deleted'); END;
        CREATE TRIGGER releasesUnchanged BEFORE UPDATE ON releases BEGIN SELECT RAISE(ABORT, 'a release is never changed'); END;
        CREATE TRIGGER recordsUnchanged BEFORE UPDATE ON rollouts WHEN OLD.record IS NOT NULL
            BEGIN SELECT RAISE(ABORT, 'the record of a rollout is never changed'); END;
        CREATE TRIGGER rolloutsStay BEFORE DELETE ON rollouts BEGIN SELECT RAISE(ABORT, 'a rollout is never deleted'); END;
        """

    /// How the runs of hooks ended, so that none is run again.
    private static let hookResults = """
        CREATE TABLE hookResults (
            environment TEXT NOT NULL REFERENCES environments (id),
            rollout INTEGER NOT NULL,
            step INTEGER NOT NULL,
            hook TEXT NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (environment, rollout, step, hook)
        ) STRICT, WITHOUT ROWID;
        """
}
