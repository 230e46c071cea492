extension Migrations {
    /// Which release a promotion let in; none where it was only promoted. Of before, those that were made for a release and those that were not
    /// can't be told apart: each counts for the newest release of the image that was there.
    static let promotionReleases = """
        ALTER TABLE promotions ADD COLUMN release INTEGER;
        UPDATE promotions SET release = (
            SELECT MAX(number) FROM releases
            WHERE releases.environment = promotions.environment AND releases.image = promotions.image AND body ->> 'createdAt' <= promotions.at);
        CREATE INDEX promotionsByRelease ON promotions (environment, image, release);
        CREATE INDEX promotionsByEnvironment ON promotions (environment);
        DROP INDEX promotionsByImage;
        """
}
