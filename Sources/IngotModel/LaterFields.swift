// Records of before a field was there are read as if it were empty. The compiler's own decoding finds these overloads.
extension KeyedDecodingContainer {
    package func decode(_ type: [RolloutHook].Type, forKey key: Key) throws -> [RolloutHook] { try decodeIfPresent(type, forKey: key) ?? [] }

    package func decode(_ type: [LeavingInstance].Type, forKey key: Key) throws -> [LeavingInstance] {
        try decodeIfPresent(type, forKey: key) ?? []
    }

    package func decode(_ type: [StreamLimit].Type, forKey key: Key) throws -> [StreamLimit] { try decodeIfPresent(type, forKey: key) ?? [] }
    package func decode(_ type: Set<HookRun>.Type, forKey key: Key) throws -> Set<HookRun> { try decodeIfPresent(type, forKey: key) ?? [] }
    package func decode(_ type: Set<InstanceID>.Type, forKey key: Key) throws -> Set<InstanceID> { try decodeIfPresent(type, forKey: key) ?? [] }

    package func decode(_ type: [TestNeed].Type, forKey key: Key) throws -> [TestNeed] { try decodeIfPresent(type, forKey: key) ?? [] }
    package func decode(_ type: [InstancePeer].Type, forKey key: Key) throws -> [InstancePeer] { try decodeIfPresent(type, forKey: key) ?? [] }
    package func decode(_ type: RootAccess.Type, forKey key: Key) throws -> RootAccess { try decodeIfPresent(type, forKey: key) ?? .readOnly }

    package func decode(_ type: PromotionRules.Type, forKey key: Key) throws -> PromotionRules {
        try decodeIfPresent(type, forKey: key) ?? PromotionRules()
    }

    package func decode(_ type: [SignatureDemand].Type, forKey key: Key) throws -> [SignatureDemand] {
        try decodeIfPresent(type, forKey: key) ?? []
    }

    package func decode(_ type: LatencyHistogram.Type, forKey key: Key) throws -> LatencyHistogram {
        try decodeIfPresent(type, forKey: key) ?? LatencyHistogram()
    }
}
