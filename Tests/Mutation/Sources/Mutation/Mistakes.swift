import SwiftSyntax

/// Goes through a file and thinks of every mistake that it knows. The parts of this class that know what may go wrong
/// with operators, calls and statements stand in files of their own.
///
/// What is the same in other words is no mistake: sides of a sum are not exchanged, nor declarations beside each other.
final class Mistakes: SyntaxVisitor {
    private(set) var edits: [Edit] = []
    let fields: Fields

    init(_ fields: Fields) {
        self.fields = fields
        super.init(viewMode: .sourceAccurate)
    }

    func add(_ node: some SyntaxProtocol, _ text: String, _ kind: String) {
        let edit = Edit(node.place, text, kind)
        if text != node.trimmedDescription, !edits.contains(edit) { edits.append(edit) }
    }

    /// Two pieces of a node change places.
    func exchange(
        _ first: some SyntaxProtocol, _ second: some SyntaxProtocol, within node: Syntax,
        _ kind: String
    ) {
        let (one, other) = (first.trimmedDescription, second.trimmedDescription)
        guard one != other else { return }
        let start = node.position.utf8Offset
        let between = Array(node.description.utf8)[
            first.place.upperBound - start..<second.place.lowerBound - start]
        let text = other + String(decoding: between, as: UTF8.self) + one
        edits.append(Edit(first.place.lowerBound..<second.place.upperBound, text, kind))
    }

    override func visit(_ node: InfixOperatorExprSyntax) -> SyntaxVisitorContinueKind {
        mistake(operatorOf: node)
        return .visitChildren
    }

    override func visit(_ node: PrefixOperatorExprSyntax) -> SyntaxVisitorContinueKind {
        let sign = node.operator.text
        if sign == "!" { add(node, node.expression.trimmedDescription, "condition negated") }
        if sign == "-" { add(node, node.expression.trimmedDescription, "operator") }
        return .visitChildren
    }

    override func visit(_ node: TernaryExprSyntax) -> SyntaxVisitorContinueKind {
        let (condition, yes, no) = (
            node.condition.trimmedDescription, node.thenExpression.trimmedDescription,
            node.elseExpression.trimmedDescription
        )
        add(node, "\(condition) ? \(no) : \(yes)", "condition negated")
        add(node.condition, "Bool.random()", "randomness")
        return .visitChildren
    }

    override func visit(_ node: IntegerLiteralExprSyntax) -> SyntaxVisitorContinueKind {
        if let number = Int(node.literal.text.filter { $0 != "_" }) {
            let isTruth = isTruthAsNumber(node)
            if !isTruth || number == 0 { add(node, "\(number + 1)", "constant by one") }
            if !isTruth || number == 1 { add(node, "\(number - 1)", "constant by one") }
        }
        return .visitChildren
    }

    /// The numbers of `c ? 0 : 1` say which comes first: farther apart, they say the same.
    private func isTruthAsNumber(_ node: IntegerLiteralExprSyntax) -> Bool {
        guard let choice = node.parent?.as(TernaryExprSyntax.self) else { return false }
        let both = [choice.thenExpression, choice.elseExpression].map(\.trimmedDescription)
        return both.sorted() == ["0", "1"]
    }

    override func visit(_ node: BooleanLiteralExprSyntax) -> SyntaxVisitorContinueKind {
        add(node, node.literal.text == "true" ? "false" : "true", "condition negated")
        return .visitChildren
    }

    override func visit(_ node: FunctionCallExprSyntax) -> SyntaxVisitorContinueKind {
        mistake(in: node)
        return .visitChildren
    }

    override func visit(_ node: MemberAccessExprSyntax) -> SyntaxVisitorContinueKind {
        mistake(in: node)
        return .visitChildren
    }

    override func visit(_ node: ArrayExprSyntax) -> SyntaxVisitorContinueKind {
        mistake(in: node)
        return .visitChildren
    }

    override func visit(_ node: IfExprSyntax) -> SyntaxVisitorContinueKind {
        mistake(in: node.conditions)
        return .visitChildren
    }

    override func visit(_ node: GuardStmtSyntax) -> SyntaxVisitorContinueKind {
        mistake(in: node.conditions)
        return .visitChildren
    }

    override func visit(_ node: WhereClauseSyntax) -> SyntaxVisitorContinueKind {
        add(node, "", "guard left out")
        add(node.condition, negated(node.condition), "condition negated")
        return .visitChildren
    }

    override func visit(_ node: CodeBlockItemListSyntax) -> SyntaxVisitorContinueKind {
        mistake(in: node)
        return .visitChildren
    }

    override func visit(_ node: SwitchCaseListSyntax) -> SyntaxVisitorContinueKind {
        mistake(in: node)
        return .visitChildren
    }

    override func visit(_ node: SwitchCaseLabelSyntax) -> SyntaxVisitorContinueKind {
        mistake(in: node)
        return .visitChildren
    }
}

extension SyntaxProtocol {
    /// In UTF-8 offsets, without the white space and comments around it.
    var place: Range<Int> {
        positionAfterSkippingLeadingTrivia.utf8Offset..<endPositionBeforeTrailingTrivia.utf8Offset
    }
}
