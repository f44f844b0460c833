/// The members of a JSON object, in the order they were written.
///
/// Members are found by walking the list: Kubernetes objects have a handful of members each, and for those a
/// walk is faster than hashing. Two objects are equal when they have the same members in whatever order.
public struct JSONObject: Sendable {
    public private(set) var members: [(name: String, value: JSON)]

    public init() { members = [] }

    /// Later members replace earlier ones of the same name.
    public init(_ members: some Sequence<(String, JSON)>) {
        self.members = []
        for (name, value) in members { self[name] = value }
    }

    /// Takes the caller's word that no name comes twice: nothing is searched.
    public init(unique members: [(name: String, value: JSON)]) { self.members = members }

    public subscript(_ name: String) -> JSON? {
        get { members.first { $0.name == name }?.value }
        set {
            let index = members.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append((name, value))
            case (nil, nil): break
            }
        }
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
        for member in members.sorted(by: { $0.name < $1.name }) {
            hasher.combine(member.name)
            hasher.combine(member.value)
        }
    }
}
