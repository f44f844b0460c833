import JSON

// Small words for changing a tree in place.

extension JSON {
    /// Sets a member that is absent (or null).
    mutating func fill(_ name: String, _ value: JSON) {
        if self[name] == nil || self[name] == .null { self[name] = value }
    }

    /// Changes a member where it is; an absent one is left absent.
    mutating func edit(_ name: String, _ change: (inout JSON) -> Void) {
        guard var value = self[name] else { return }
        self[name] = .null  // so that `value` is the only owner of its storage while it changes
        change(&value)
        self[name] = value
    }

    /// Changes a member, an empty object if it is absent.
    mutating func editOrMake(_ name: String, _ change: (inout JSON) -> Void) {
        if self[name]?.object == nil { self[name] = [:] }
        edit(name, change)
    }

    /// Changes each element of a list member.
    mutating func editEach(_ name: String, _ change: (inout JSON) -> Void) {
        edit(name) { list in
            guard case .array(var elements) = list else { return }
            list = .null
            for index in elements.indices { change(&elements[index]) }
            list = .array(elements)
        }
    }

    /// The elements of a list member; none if it is absent.
    func list(_ name: String) -> [JSON] { self[name]?.array ?? [] }

    /// A text member; "" if it is absent.
    func text(_ name: String) -> String { self[name]?.string ?? "" }

    /// Whether a member says nothing: absent, null, empty.
    func isEmpty(_ name: String) -> Bool {
        switch self[name] {
        case nil, .null?: true
        case .string(let text)?: text.isEmpty
        case .array(let elements)?: elements.isEmpty
        case .object(let object)?: object.isEmpty
        default: false
        }
    }
}
