/// How names of a kind are restricted.
enum NameRule: Sendable {
    /// RFC 1123 subdomain: `a.b-c`, at most 253.
    case subdomain
    /// RFC 1123 label: at most 63, no dots.
    case label
    /// RFC 1035 label: starts with a letter.
    case label1035
    /// RBAC names: any path segment.
    case pathSegment
    /// Objects without a name of their own (reviews).
    case none
}
