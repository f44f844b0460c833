import Dock

extension Up.Wishes {
    /// The options of `lab up`, by which an answer names a wish.
    public enum Option: String, Sendable, CaseIterable {
        case nodes = "--nodes"
        case store = "--store"
        case runtime = "--runtime"
        case mine = "--mine"
        case piped = "--piped"
        case autoscalerPeriod = "--hpa-sync-period"
        case hostRoot = "--host-root"
    }

    /// As it is typed; `none` where a list is empty, `ours` for the kit's own runtime.
    func text(of option: Option) -> String {
        switch option {
        case .nodes: "\(nodes)"
        case .store:
            switch store {
            case .raft: "raft"
            case .etcd: "etcd"
            case .external(let url): url
            }
        case .runtime: runtime ?? "ours"
        case .mine: Self.list(mine)
        case .piped: Self.list(piped)
        case .autoscalerPeriod: "\(autoscalerPeriodSeconds)"
        case .hostRoot: isHostRoot ? "yes" : "no"
        }
    }

    private static func list(_ labs: [String]) -> String {
        labs.isEmpty ? "none" : Set(labs).sorted().joined(separator: ",")
    }

    /// What was asked for in so many words and is not what runs, such as `--mine 10 (it runs with none)`.
    func differences(from running: Up.Wishes, in options: Set<Option>) -> [String] {
        Option.allCases.filter { options.contains($0) && text(of: $0) != running.text(of: $0) }
            .map { "\($0.rawValue) \(text(of: $0)) (it runs with \(running.text(of: $0)))" }
    }
}

/// Whose parts a cluster runs on, by what its programs were told in their environment.
struct WhoseParts {
    /// Numbers of labs whose part is the student's.
    private(set) var mine: Set<String> = []
    /// Numbers of labs whose part is the reference, as a program of its own.
    private(set) var piped: Set<String> = []

    init(_ spec: DockSpec) {
        for component in spec.components + spec.nodes.flatMap(\.components) {
            for variable in component.environment where variable.hasPrefix("DRYDOCK_PART_") {
                let halves = variable.dropFirst("DRYDOCK_PART_".count).split(
                    separator: "=", maxSplits: 1)
                guard halves.count == 2 else { continue }
                let lab = String(halves[0])
                if halves[1].hasSuffix("/part-\(lab)") {
                    mine.insert(lab)
                } else {
                    piped.insert(lab)
                }
            }
        }
    }

    var sentence: String {
        var words: [String] = []
        if !mine.isEmpty { words.append("yours \(mine.sorted().joined(separator: ", "))") }
        if !piped.isEmpty {
            words.append("behind the pipe \(piped.sorted().joined(separator: ", "))")
        }
        return words.isEmpty
            ? "all the reference's" : "the reference's, but for: \(words.joined(separator: " "))"
    }
}
