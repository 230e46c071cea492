import IngotModel

// States of before a field was there are read as if it were empty. The compiler's own decoding finds these overloads.
extension KeyedDecodingContainer {
    func decode(_ type: RolloutCourse.Type, forKey key: Key) throws -> RolloutCourse { try decodeIfPresent(type, forKey: key) ?? RolloutCourse() }
    func decode(_ type: [FollowUp].Type, forKey key: Key) throws -> [FollowUp] { try decodeIfPresent(type, forKey: key) ?? [] }
    func decode(_ type: [Leaving].Type, forKey key: Key) throws -> [Leaving] { try decodeIfPresent(type, forKey: key) ?? [] }
}
