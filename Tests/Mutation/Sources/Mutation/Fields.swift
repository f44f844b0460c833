import SwiftSyntax

/// What a type's fields may be mistaken for: the other fields of the same type in the same struct.
public struct Fields {
    private var others: [String: Set<String>] = [:]

    /// - Parameter files: the parsed files that declare the types.
    public init(_ files: [SourceFileSyntax]) {
        let collector = Collector(viewMode: .sourceAccurate)
        for file in files { collector.walk(file) }
        for group in collector.groups.values where group.count > 1 {
            for name in group { others[name, default: []].formUnion(group.filter { $0 != name }) }
        }
    }

    func others(than name: String) -> [String] { (others[name] ?? []).sorted() }

    /// Stored fields by the type that they are in and their own.
    private final class Collector: SyntaxVisitor {
        var groups: [String: Set<String>] = [:]

        override func visit(_ node: StructDeclSyntax) -> SyntaxVisitorContinueKind {
            for member in node.memberBlock.members {
                guard let variable = member.decl.as(VariableDeclSyntax.self),
                    !variable.modifiers.contains(where: { $0.name.text == "static" })
                else { continue }
                // `let a, b: Int`: the type stands behind the last.
                var type: String?
                for binding in variable.bindings.reversed() {
                    guard let name = binding.pattern.as(IdentifierPatternSyntax.self) else {
                        continue
                    }
                    type =
                        binding.typeAnnotation?.type.trimmedDescription
                        ?? binding.initializer.flatMap(Self.typeOfLiteral) ?? type
                    if let type {
                        groups["\(node.name.text) \(type)", default: []].insert(
                            name.identifier.text)
                    }
                }
            }
            return .visitChildren
        }

        private static func typeOfLiteral(_ clause: InitializerClauseSyntax) -> String? {
            if clause.value.is(BooleanLiteralExprSyntax.self) { return "Bool" }
            if clause.value.is(IntegerLiteralExprSyntax.self) { return "Int" }
            return clause.value.is(StringLiteralExprSyntax.self) ? "String" : nil
        }
    }
}
