/// The members of a JSON object, in the order they were written.
///
/// Members are found by walking the list: Kubernetes objects have a handful of members each, and for those a
/// walk is faster than hashing. A map of thousands (a user may send one) gets an index, so that what is done
/// to each of its members costs no more than the whole. Two objects are equal when they have the same members
/// in whatever order; names are compared by their bytes.
public struct JSONObject: Sendable {
    public private(set) var members: [(name: String, value: JSON)]
    /// Where each member is; nil for small objects.
    private var index: [ExactString: Int]?

    /// From so many members on there is an index.
    private static let indexed = 64

    public init() { members = [] }

    /// Later members replace earlier ones of the same name.
    public init(_ members: some Sequence<(String, JSON)>) {
        self.members = []
        for (name, value) in members { self[name] = value }
    }

    /// Takes the caller's word that no name comes twice: nothing is searched.
    public init(unique members: [(name: String, value: JSON)]) {
        self.members = members
        if members.count >= Self.indexed { makeIndex() }
    }

    private mutating func makeIndex() {
        index = Dictionary(
            members.enumerated().map { (ExactString($1.name), $0) }, uniquingKeysWith: { $1 })
    }

    private func position(of name: String) -> Int? {
        if let index { return index[ExactString(name)] }
        return members.firstIndex { $0.name.isExactly(name) }
    }

    public subscript(_ name: String) -> JSON? {
        get { position(of: name).map { members[$0].value } }
        set {
            if let newValue { put(name, newValue) } else { remove(name) }
        }
    }

    /// - Returns: whether there was such a member already, which is replaced now.
    @discardableResult
    public mutating func put(_ name: String, _ value: JSON) -> Bool {
        if let position = position(of: name) {
            members[position].value = value
            return true
        }
        members.append((name, value))
        if index != nil {
            index![ExactString(name)] = members.count - 1
        } else if members.count >= Self.indexed {
            makeIndex()
        }
        return false
    }

    /// In a large object the last member takes the place of the one that goes: no others need to move.
    private mutating func remove(_ name: String) {
        guard let position = position(of: name) else { return }
        guard index != nil else {
            members.remove(at: position)
            return
        }
        index![ExactString(name)] = nil
        let last = members.removeLast()
        guard position < members.count else { return }
        members[position] = last
        index![ExactString(last.name)] = position
    }

    public var count: Int { members.count }
    public var isEmpty: Bool { members.isEmpty }
    public var names: [String] { members.map(\.name) }
}

extension JSONObject: Sequence {
    public func makeIterator() -> IndexingIterator<[(name: String, value: JSON)]> {
        members.makeIterator()
    }
}

extension JSONObject: Hashable {
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.name] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        for member in members.sorted(by: { ExactString($0.name) < ExactString($1.name) }) {
            hasher.combine(ExactString(member.name))
            hasher.combine(member.value)
        }
    }
}
