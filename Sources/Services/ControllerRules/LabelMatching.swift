import Objects

extension LabelSelector {
    /// Both parts hold; an empty selector selects everything. An operator that Kubernetes does not have holds
    /// for nothing.
    public func matches(_ labels: [String: String]) -> Bool {
        (matchLabels ?? [:]).allSatisfy { labels[$0.key] == $0.value }
            && (matchExpressions ?? []).allSatisfy { $0.holds(for: labels[$0.key]) }
    }
}

extension LabelSelector {
    /// As a query has it: `app=web,tier in (a,b),!old`. Empty selects everything.
    public var text: String {
        let labels = (matchLabels ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let others = (matchExpressions ?? []).map { requirement in
            let values = "(\((requirement.values ?? []).joined(separator: ",")))"
            return switch requirement.operator {
            case "In": "\(requirement.key) in \(values)"
            case "NotIn": "\(requirement.key) notin \(values)"
            case "Exists": requirement.key
            default: "!\(requirement.key)"
            }
        }
        return (labels + others).joined(separator: ",")
    }
}

extension LabelSelector.Requirement {
    /// - Parameter value: the label's; nil where there is no such label.
    func holds(for value: String?) -> Bool {
        switch `operator` {
        case "In": value.map { (values ?? []).contains($0) } ?? false
        case "NotIn": !(value.map { (values ?? []).contains($0) } ?? false)
        case "Exists": value != nil
        case "DoesNotExist": value == nil
        default: false
        }
    }
}

extension Service {
    /// A service's selector is labels only, and an empty one selects nothing.
    public func selects(_ labels: [String: String]) -> Bool {
        guard let selector = spec.selector, !selector.isEmpty else { return false }
        return selector.allSatisfy { labels[$0.key] == $0.value }
    }
}

/// Which objects are an owner's, which it takes over, and which it lets go: by its selector, and only in its own
/// namespace. An owner on its way out neither takes nor lets go.
public struct Claims: Equatable {
    public var mine: [String] = []
    public var adopt: [String] = []
    public var release: [String] = []

    /// - Parameter candidates: objects of the owner's namespace.
    public init(_ owner: ObjectMeta, _ selector: LabelSelector, candidates: [ObjectMeta]) {
        let isLeaving = owner.deletionTimestamp != nil
        for object in candidates {
            let isSelected = selector.matches(object.labels ?? [:])
            switch object.controller?.uid {
            case owner.uid where isSelected || isLeaving: mine.append(object.name)
            case owner.uid: release.append(object.name)
            case nil where isSelected && !isLeaving && object.deletionTimestamp == nil:
                adopt.append(object.name)
            default: break
            }
        }
    }
}
