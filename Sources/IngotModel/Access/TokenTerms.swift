/// How long tokens may last.
public enum TokenTerms {
    /// Where nothing is said.
    public static let lifetime = Milliseconds.seconds(30 * 86_400)
    /// At most. There are none without an end: what nobody renews, nobody needs.
    public static let longest = Milliseconds.seconds(90 * 86_400)
    public static let shortest = Milliseconds.minutes(1)
}
