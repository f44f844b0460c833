import SwiftSyntax

extension Mistakes {
    func mistake(in list: CodeBlockItemListSyntax) {
        let items = Array(list)
        for item in items where canBeLeftOut(item, of: items.count) {
            let isGuard = item.item.is(GuardStmtSyntax.self) || isIf(item)
            add(item, "", isGuard ? "guard left out" : "statement left out")
        }
        for (one, other) in zip(items, items.dropFirst())
        where !isDeclaration(one) && !isDeclaration(other) && !other.item.is(ReturnStmtSyntax.self)
            && !areIndependent(one, other)
        {
            exchange(one, other, within: Syntax(list), "order")
        }
    }

    /// A `return` is needed, a declaration is used, and what stands alone may be a value.
    private func canBeLeftOut(_ item: CodeBlockItemSyntax, of count: Int) -> Bool {
        if isDeclaration(item) || item.item.is(ReturnStmtSyntax.self) { return false }
        if item.item.is(ThrowStmtSyntax.self) { return false }
        return count > 1 || !isValue(item)
    }

    private func isDeclaration(_ item: CodeBlockItemSyntax) -> Bool {
        item.item.is(DeclSyntax.self)
    }

    /// Two values that know nothing of each other may be set in any order.
    private func areIndependent(_ one: CodeBlockItemSyntax, _ other: CodeBlockItemSyntax) -> Bool {
        guard let first = target(one), let second = target(other) else { return false }
        return !other.description.contains(first) && !one.description.contains(second)
    }

    /// What an assignment sets.
    private func target(_ item: CodeBlockItemSyntax) -> String? {
        guard let infix = item.item.as(InfixOperatorExprSyntax.self),
            infix.operator.is(AssignmentExprSyntax.self)
                || ["+=", "-="].contains(infix.operator.trimmedDescription)
        else { return nil }
        let place = infix.leftOperand.as(SubscriptCallExprSyntax.self)?.calledExpression
        return (place ?? infix.leftOperand).trimmedDescription
    }

    private func isIf(_ item: CodeBlockItemSyntax) -> Bool {
        item.item.as(ExpressionStmtSyntax.self)?.expression.is(IfExprSyntax.self) ?? false
    }

    /// A sole expression that may be what a function or closure gives back; an assignment never is.
    private func isValue(_ item: CodeBlockItemSyntax) -> Bool {
        guard let expression = item.item.as(ExprSyntax.self) else { return false }
        guard let infix = expression.as(InfixOperatorExprSyntax.self) else {
            return item.parent?.parent?.parent?.is(FunctionDeclSyntax.self) ?? false
        }
        return !infix.operator.is(AssignmentExprSyntax.self)
            && !infix.operator.trimmedDescription.hasSuffix("=")
    }

    /// The bodies of two cases beside each other.
    func mistake(in cases: SwitchCaseListSyntax) {
        let all = cases.compactMap { $0.as(SwitchCaseSyntax.self) }
        for (one, other) in zip(all, all.dropFirst()) {
            exchange(one.statements, other.statements, within: Syntax(cases), "sides exchanged")
        }
    }

    /// One of the patterns of a case.
    func mistake(in label: SwitchCaseLabelSyntax) {
        let items = Array(label.caseItems)
        guard items.count > 1 else { return }
        for index in items.indices {
            let rest = items.enumerated().filter { $0.offset != index }.map { _, item in
                item.pattern.trimmedDescription
                    + (item.whereClause.map { " \($0.trimmedDescription)" } ?? "")
            }
            add(label, "case \(rest.joined(separator: ", ")):", "guard left out")
        }
    }
}
