import SwiftSyntax

/// The outermost functions of a file, in whose bodies the holes are.
struct Body {
    let name: String
    /// Between the braces, in UTF-8 offsets.
    let range: Range<Int>
    /// Where `return` has to stand, if all the body is one value.
    let value: Int?

    static func all(in file: SourceFileSyntax) -> [Body] {
        let finder = Finder(viewMode: .sourceAccurate)
        finder.walk(file)
        return finder.found
    }

    private final class Finder: SyntaxVisitor {
        var found: [Body] = []

        override func visit(_ node: FunctionDeclSyntax) -> SyntaxVisitorContinueKind {
            guard let body = node.body else { return .skipChildren }
            let returns = node.signature.returnClause != nil
            add(node.name.text, body.leftBrace, body.statements, body.rightBrace, returns)
            return .skipChildren
        }

        override func visit(_ node: InitializerDeclSyntax) -> SyntaxVisitorContinueKind {
            guard let body = node.body else { return .skipChildren }
            add("init", body.leftBrace, body.statements, body.rightBrace, false)
            return .skipChildren
        }

        override func visit(_ node: PatternBindingSyntax) -> SyntaxVisitorContinueKind {
            guard let block = node.accessorBlock, case .getter(let items) = block.accessors else {
                return .skipChildren
            }
            let name = node.pattern.trimmedDescription
            add(name, block.leftBrace, items, block.rightBrace, true)
            return .skipChildren
        }

        private func add(
            _ name: String, _ left: TokenSyntax, _ items: CodeBlockItemListSyntax,
            _ right: TokenSyntax, _ returns: Bool
        ) {
            let range = left.endPositionBeforeTrailingTrivia.utf8Offset..<right.place.lowerBound
            let value = returns ? Body.value(of: items) : nil
            found.append(Body(name: name, range: range, value: value))
        }
    }

    /// Where the one expression begins that a body consists of; nil where it says `return` itself.
    private static func value(of items: CodeBlockItemListSyntax) -> Int? {
        guard let item = items.first, items.count == 1 else { return nil }
        if let statement = item.item.as(ExpressionStmtSyntax.self) {
            let says = statement.tokens(viewMode: .sourceAccurate).contains { $0.text == "return" }
            return says ? nil : item.place.lowerBound
        }
        return item.item.is(ExprSyntax.self) ? item.place.lowerBound : nil
    }
}
