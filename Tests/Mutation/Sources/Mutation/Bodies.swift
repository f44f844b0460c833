import SwiftSyntax

/// The outermost functions of a file, in whose bodies the holes are.
struct Body {
    let name: String
    /// Between the braces, in UTF-8 offsets.
    let range: Range<Int>
    /// Behind the parameters: `throws -> Int`.
    let result: String

    var canThrow: Bool { result.contains("throws") }

    static func all(in file: SourceFileSyntax) -> [Body] {
        let finder = Finder(viewMode: .sourceAccurate)
        finder.walk(file)
        return finder.found
    }

    private final class Finder: SyntaxVisitor {
        var found: [Body] = []

        override func visit(_ node: FunctionDeclSyntax) -> SyntaxVisitorContinueKind {
            guard let body = node.body else { return .skipChildren }
            let result = [
                node.signature.effectSpecifiers?.trimmedDescription,
                node.signature.returnClause?.trimmedDescription,
            ].compactMap { $0 }.joined(separator: " ")
            add(node.name.text, body.leftBrace, body.rightBrace, result)
            return .skipChildren
        }

        override func visit(_ node: PatternBindingSyntax) -> SyntaxVisitorContinueKind {
            guard let block = node.accessorBlock, case .getter = block.accessors,
                let type = node.typeAnnotation?.type.trimmedDescription
            else { return .skipChildren }
            let name = node.pattern.trimmedDescription
            add(name, block.leftBrace, block.rightBrace, "-> \(type)")
            return .skipChildren
        }

        private func add(
            _ name: String, _ left: TokenSyntax, _ right: TokenSyntax, _ result: String
        ) {
            let range = left.endPositionBeforeTrailingTrivia.utf8Offset..<right.place.lowerBound
            found.append(Body(name: name, range: range, result: result))
        }
    }
}
