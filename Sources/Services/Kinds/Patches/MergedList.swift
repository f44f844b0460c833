import JSON

/// A list whose elements are told apart by some of their members; by their whole value where there are no keys.
struct MergedList {
    let keys: [String]

    /// What a key's member is where it isn't written.
    private static let defaults: [String: JSON] = ["protocol": "TCP"]

    func identity(_ element: JSON) -> JSON {
        if keys.isEmpty { return element }
        return .array(keys.map { element[$0] ?? Self.defaults[$0] ?? .null })
    }

    /// Where each element is first found.
    func places(_ elements: [JSON]) -> [JSON: Int] {
        Dictionary(
            elements.enumerated().map { (identity($1), $0) },
            uniquingKeysWith: { first, _ in first })
    }

    func union(_ current: [JSON], _ added: [JSON]) -> [JSON] {
        var seen: Set<JSON> = []
        return (current + added).filter { seen.insert(identity($0)).inserted }
    }

    /// The elements that `order` names, in that order, and between them those that only the server has: before
    /// the first named one that stood behind them in the live list, else at the end.
    ///
    ///     live a b, patch c          c a b
    ///     live a b c, patch c x      a b c x
    func ordered(_ elements: [JSON], by order: [JSON], live: [JSON]) -> [JSON] {
        let (ranks, places) = (self.places(order), self.places(live))
        let known = elements.map { (element: $0, identity: identity($0)) }
        var named = known.filter { ranks[$0.identity] != nil }
        named.sort { ranks[$0.identity]! < ranks[$1.identity]! }
        var others = known.filter { ranks[$0.identity] == nil }
        others.sort { places[$0.identity] ?? .max < places[$1.identity] ?? .max }
        var result: [JSON] = []
        var rest = others[...]
        for one in named {
            if let place = places[one.identity] {
                while let other = rest.first, let before = places[other.identity], before < place {
                    result.append(rest.removeFirst().element)
                }
            }
            result.append(one.element)
        }
        return result + rest.map(\.element)
    }
}
