import ContractSelectors
import Grading

/// 09.1: what a selector selects.
let selectorsSelect = Check("09.1") { bench in
    let part = RemoteSelectors(asking: bench.part)
    for row in matchingCases { try row.check(part) }
}

private struct MatchingCase {
    var claim: String
    var selector: Selector
    var labels: [String: String]
    var matches: Bool
    var idea: String

    func check(_ part: RemoteSelectors) throws {
        let requirements =
            selector.matchLabels.sorted { $0.key < $1.key }.map {
                "matchLabels \($0.key): \($0.value)"
            }
            + selector.matchExpressions.map {
                "\($0.key) \($0.operator.rawValue) (\($0.values.joined(separator: ", ")))"
            }
        let asked = requirements.isEmpty ? "nothing" : requirements.joined(separator: " and ")
        try expect(
            try part.matches(selector, labels: labels), is: matches,
            "\(claim): a selector that asks for \(asked), a pod with \(text(labels))", idea: idea)
    }
}

private func expressions(_ requirements: Selector.Requirement...) -> Selector {
    Selector(matchExpressions: requirements)
}

private let web = ["app": "web"]
private let matchingCases = [
    MatchingCase(
        claim: "a label with the value matches", selector: Selector(matchLabels: web), labels: web,
        matches: true, idea: "The pod has what is asked for."),
    MatchingCase(
        claim: "a label with another value does not match", selector: Selector(matchLabels: web),
        labels: ["app": "db"], matches: false, idea: "Key and value have to be the same."),
    MatchingCase(
        claim: "a label that is not there does not match", selector: Selector(matchLabels: web),
        labels: ["tier": "web"], matches: false,
        idea: "The value alone says nothing: it stands under another key."),
    MatchingCase(
        claim: "all of matchLabels are asked for", selector: Selector(matchLabels: fitting),
        labels: web,
        matches: false,
        idea: "One of three is there. A selector's requirements are joined by *and*."),
    MatchingCase(
        claim: "a pod may have more labels than are asked for",
        selector: Selector(matchLabels: web),
        labels: fitting, matches: true, idea: "The selector asks, and doesn't forbid."),
    MatchingCase(
        claim: "an empty selector selects everything", selector: Selector(), labels: [:],
        matches: true,
        idea: "It asks for nothing, and nothing is missing."),
    MatchingCase(
        claim: "In wants one of its values",
        selector: expressions(.init("app", .in, ["api", "web"])),
        labels: web, matches: true, idea: "web is among them."),
    MatchingCase(
        claim: "In refuses other values", selector: expressions(.init("app", .in, ["api", "web"])),
        labels: ["app": "db"], matches: false, idea: "db is not among them."),
    MatchingCase(
        claim: "In refuses where the label is missing",
        selector: expressions(.init("app", .in, ["api", "web"])), labels: ["tier": "web"],
        matches: false, idea: "What isn't there has none of the values."),
    MatchingCase(
        claim: "NotIn refuses its values",
        selector: expressions(.init("app", .notIn, ["api", "web"])),
        labels: web, matches: false, idea: "web is among those that are refused."),
    MatchingCase(
        claim: "NotIn takes other values",
        selector: expressions(.init("app", .notIn, ["api", "web"])),
        labels: ["app": "db"], matches: true, idea: "db is not refused."),
    MatchingCase(
        claim: "NotIn holds where the label is missing",
        selector: expressions(.init("app", .notIn, ["api", "web"])), labels: ["tier": "web"],
        matches: true,
        idea: "NotIn is the opposite of In, in every case: what isn't there has none of the values."
    ),
    MatchingCase(
        claim: "Exists wants the label, whatever its value",
        selector: expressions(.init("app", .exists)),
        labels: ["app": ""], matches: true, idea: "An empty value is a value."),
    MatchingCase(
        claim: "Exists refuses where the label is missing",
        selector: expressions(.init("app", .exists)), labels: ["tier": "web"], matches: false,
        idea: "There is no such key."),
    MatchingCase(
        claim: "DoesNotExist refuses where the label is there",
        selector: expressions(.init("app", .doesNotExist)), labels: web, matches: false,
        idea: "Whatever the value: the key is there."),
    MatchingCase(
        claim: "DoesNotExist holds where the label is missing",
        selector: expressions(.init("app", .doesNotExist)), labels: [:], matches: true,
        idea: "There is no such key."),
    MatchingCase(
        claim: "all expressions are asked for",
        selector: expressions(.init("app", .in, ["web"]), .init("tier", .exists)), labels: web,
        matches: false, idea: "The second does not hold."),
    MatchingCase(
        claim: "labels and expressions are asked for together",
        selector: Selector(matchLabels: web, matchExpressions: [.init("tier", .doesNotExist)]),
        labels: fitting, matches: false,
        idea: "The label is there, and so is the one that must not be."),
]
