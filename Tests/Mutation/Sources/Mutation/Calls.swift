import SwiftSyntax

/// Names that are mistaken for each other.
private let twins: [String: [String]] = {
    let pairs = [
        ("min", "max"), ("first", "last"), ("prefix", "suffix"), ("dropFirst", "dropLast"),
        ("firstIndex", "lastIndex"), ("hasPrefix", "hasSuffix"), ("removeFirst", "removeLast"),
        ("contains", "allSatisfy"), ("lowerBound", "upperBound"), ("union", "intersection"),
        ("subtracting", "intersection"), ("startIndex", "endIndex"), ("floor", "ceil"),
        ("insert", "remove"), ("popFirst", "popLast"),
    ]
    var twins: [String: [String]] = [:]
    for (one, other) in pairs {
        twins[one, default: []].append(other)
        twins[other, default: []].append(one)
    }
    return twins
}()
/// Links of a chain without which there is still a value of the same kind.
private let links: [String: String] = [
    "filter": "guard left out", "sorted": "order", "reversed": "order", "prefix": "bound left out",
    "suffix": "bound left out", "dropFirst": "bound left out", "dropLast": "bound left out",
    "union": "statement left out", "subtracting": "guard left out",
    "intersection": "guard left out", "removing": "guard left out", "clamped": "bound left out",
]

extension Mistakes {
    func mistake(in call: FunctionCallExprSyntax) {
        if let name = call.calledExpression.as(DeclReferenceExprSyntax.self)?.baseName.text {
            free(call, name)
        }
        if let member = call.calledExpression.as(MemberAccessExprSyntax.self),
            let base = member.base
        {
            chained(call, base, member.declName.baseName.text)
        }
        let arguments = Array(call.arguments)
        for (one, other) in zip(arguments, arguments.dropFirst()) {
            if isMovable(one.expression), isMovable(other.expression) {
                exchange(one.expression, other.expression, in: call)
            }
        }
    }

    /// `min(a, b)`: the other of the two, or one bound alone.
    private func free(_ call: FunctionCallExprSyntax, _ name: String) {
        for other in twins[name] ?? [] { add(call.calledExpression, other, "min and max") }
        guard name == "min" || name == "max" else { return }
        for argument in call.arguments where !argument.expression.is(IntegerLiteralExprSyntax.self)
        {
            add(call, "(\(argument.expression.trimmedDescription))", "bound left out")
        }
    }

    private func chained(_ call: FunctionCallExprSyntax, _ base: ExprSyntax, _ name: String) {
        let text = base.trimmedDescription
        if let kind = links[name] { add(call, text, kind) }
        if name == "sorted" {
            add(call, "\(text).shuffled()", "randomness")
            add(call, "Array(\(call.trimmedDescription).reversed())", "order")
        }
    }

    /// Neither a closure, which says by itself where it belongs, nor a constant.
    private func isMovable(_ argument: ExprSyntax) -> Bool {
        !argument.is(ClosureExprSyntax.self) && !argument.is(NilLiteralExprSyntax.self)
            && !argument.is(DiscardAssignmentExprSyntax.self)
    }

    private func exchange(_ one: ExprSyntax, _ other: ExprSyntax, in call: FunctionCallExprSyntax) {
        let name = call.calledExpression.trimmedDescription
        if name == "min" || name == "max" { return }
        exchange(one, other, within: Syntax(call), "fields exchanged")
    }

    func mistake(in member: MemberAccessExprSyntax) {
        guard member.base != nil else { return }
        let name = member.declName.baseName
        for other in twins[name.text] ?? [] {
            add(name, other, ["min", "max"].contains(name.text) ? "min and max" : "bound")
        }
        let isCalled =
            member.parent?.as(FunctionCallExprSyntax.self)?.calledExpression.id == member.id
        if isCalled { return }
        for other in fields.others(than: name.text) { add(name, other, "fields exchanged") }
    }

    /// One of several, or the only one.
    func mistake(in array: ArrayExprSyntax) {
        let elements = Array(array.elements)
        for index in elements.indices {
            let rest = elements.enumerated().filter { $0.offset != index }
                .map { $0.element.expression.trimmedDescription }
            let isMap = rest.isEmpty && array.parent?.is(FunctionCallExprSyntax.self) == true
            if !isMap { add(array, "[\(rest.joined(separator: ", "))]", "element left out") }
        }
    }
}
