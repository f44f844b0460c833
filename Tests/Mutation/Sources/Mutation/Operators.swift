import SwiftSyntax

/// What an operator is mistaken for.
private let alternatives: [String: [(String, String)]] = [
    "<": [("<=", "comparison"), (">", "comparison")],
    "<=": [("<", "comparison"), (">=", "comparison")],
    ">": [(">=", "comparison"), ("<", "comparison")],
    ">=": [(">", "comparison"), ("<=", "comparison")],
    "==": [("!=", "comparison")], "!=": [("==", "comparison")],
    "===": [("!==", "comparison")], "!==": [("===", "comparison")],
    "&&": [("||", "operator")], "||": [("&&", "operator")],
    "+": [("-", "operator")], "-": [("+", "operator")],
    "*": [("/", "operator"), ("+", "operator")], "/": [("*", "operator")], "%": [("/", "operator")],
    "&+": [("&-", "operator")], "&-": [("&+", "operator")], "&*": [("&+", "operator")],
    "+=": [("-=", "operator"), ("=", "operator")], "-=": [("+=", "operator"), ("=", "operator")],
    "*=": [("+=", "operator")], "/=": [("*=", "operator")],
    "&": [("|", "operator")], "|": [("&", "operator")], "^": [("|", "operator")],
    "<<": [(">>", "operator")], ">>": [("<<", "operator")],
    "..<": [("...", "bound")], "...": [("..<", "bound")],
]
private let sided: Set = ["-", "/", "%", "<<", ">>"]

extension Mistakes {
    func mistake(operatorOf node: InfixOperatorExprSyntax) {
        guard let sign = node.operator.as(BinaryOperatorExprSyntax.self)?.operator else { return }
        let (left, right) = (node.leftOperand, node.rightOperand)
        for (other, kind) in alternatives[sign.text] ?? [] { add(sign, other, kind) }
        if sided.contains(sign.text), !isDistance(node) {
            add(node, "\(wrapped(right)) \(sign.text) \(wrapped(left))", "sides exchanged")
        }
        if sign.text == "&&" || sign.text == "||" {
            add(node, wrapped(left), "condition left out")
            add(node, wrapped(right), "condition left out")
        }
        if sign.text == "??" { add(node, "\(wrapped(left))!", "guard left out") }
    }

    /// `abs(a - b)`, which is `abs(b - a)`.
    private func isDistance(_ node: InfixOperatorExprSyntax) -> Bool {
        let call = node.parent?.parent?.parent?.as(FunctionCallExprSyntax.self)
        return call?.calledExpression.trimmedDescription == "abs"
    }

    func mistake(in conditions: ConditionElementListSyntax) {
        for element in conditions {
            guard case .expression(let condition) = element.condition else { continue }
            if !isComparison(condition) {
                add(condition, negated(condition), "condition negated")
            }
            add(condition, "Bool.random()", "randomness")
            if conditions.count > 1 { add(condition, "true", "condition left out") }
        }
    }

    /// Whose negation is a comparison that is tried anyway.
    private func isComparison(_ condition: ExprSyntax) -> Bool {
        guard let infix = condition.as(InfixOperatorExprSyntax.self) else {
            return condition.is(PrefixOperatorExprSyntax.self)
        }
        return ["==", "!="].contains(infix.operator.trimmedDescription)
    }

    func negated(_ condition: ExprSyntax) -> String { "!(\(condition.trimmedDescription))" }

    /// In parentheses, where an operator beside it could take a part of it.
    private func wrapped(_ side: ExprSyntax) -> String {
        let text = side.trimmedDescription
        return side.is(InfixOperatorExprSyntax.self) || side.is(TernaryExprSyntax.self)
            ? "(\(text))" : text
    }
}
