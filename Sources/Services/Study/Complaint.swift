import Linux

/// One thing that the compiler could not make sense of, and what such a message usually means.
public struct Complaint: Codable, Hashable, Sendable {
    /// Below the lab's folder: `Rollout.swift`.
    public var file: String
    public var line: Int
    public var column: Int
    public var message: String
    /// In plain words; nil for messages that say enough themselves.
    public var meaning: String?
    /// The line of the source, as written.
    public var source: String?

    /// The compiler's errors, in the order of the files, without notes and repetitions.
    /// - Parameter output: what swiftc printed: `/path/Rollout.swift:31:9: error: …`.
    public static func all(in output: String) -> [Complaint] {
        let lines = output.split(separator: "\n").map(String.init)
        var found: [Complaint] = []
        for line in lines {
            guard let complaint = Complaint(line: line),
                !found.contains(where: {
                    ($0.file, $0.line, $0.message) == (
                        complaint.file, complaint.line, complaint.message
                    )
                })
            else { continue }
            found.append(complaint)
        }
        if found.isEmpty, let said = lines.first(where: { $0.contains("error:") }) {
            // The linker's, or the compiler's own.
            found = [Complaint(file: "", line: 0, column: 0, message: said)]
        }
        return found.sorted { ($0.file, $0.line, $0.column) < ($1.file, $1.line, $1.column) }
    }

    init(file: String, line: Int, column: Int, message: String) {
        (self.file, self.line, self.column, self.message) = (file, line, column, message)
        meaning =
            file == "main.swift"
            ? "The kit's own main program needs it: a type of the lab was renamed, or its file is not the lab's."
            : Self.meanings.first { needles, _ in
                needles.allSatisfy { message.contains($0) }
            }?.1
    }

    private init?(line text: String) {
        guard let mark = text.firstRange(of: ": error: ") else { return nil }
        let place = text[..<mark.lowerBound].split(separator: ":")
        guard place.count == 3, let line = Int(place[1]), let column = Int(place[2]) else {
            return nil
        }
        let path = String(place[0])
        self.init(
            file: path.split(separator: "/").last.map(String.init) ?? path, line: line,
            column: column, message: String(text[mark.upperBound...]))
        let lines = (try? Files.readText(path))?.split(
            separator: "\n", omittingEmptySubsequences: false)
        if let lines, lines.indices.contains(line - 1) { source = String(lines[line - 1]) }
    }

    /// What has to stand in a message, and what it usually means. The first that fits counts.
    static let meanings: [([String], String)] = [
        (
            ["failed due to signal \(SIGXCPU)"],
            "The compiler was stopped after \(Compiler.secondsMax) seconds: some expression or literal is far too long for it. Give its parts names and types."
        ),
        (
            ["failed due to signal"],
            "The compiler itself gave up on this code: it crashed, or took more memory than it may. Take away what you wrote last, and give long expressions names and types."
        ),
        (
            ["value of optional type", "must be unwrapped"],
            "The value may be nil. Say what happens then: `guard let x = … else { … }`, `if let`, or `?? other`."
        ),
        (
            ["call can throw but is not marked with 'try'"],
            "The function can throw: write `try` before the call. Your function throws too, so the error just goes on to the caller."
        ),
        (
            ["errors thrown from here are not handled"],
            "Write this where the enclosing function is marked `throws`, or catch the error with `do { } catch { }`."
        ),
        (
            ["cannot assign to value", "is a 'let' constant"],
            "A `let` can't change. Make it `var`, or make a new value."
        ),
        (
            ["cannot assign to property", "is a 'let' constant"],
            "A `let` can't change, nor what is inside it. Copy it into a `var` first."
        ),
        (
            ["cannot use mutating member on immutable value"],
            "Only a `var` can be changed. Arguments are constants: `var copy = argument` first."
        ),
        (
            ["'self' is immutable"],
            "A method that changes its struct is marked `mutating`. The contract's methods here are not: work on a local `var`."
        ),
        (
            ["left side of mutating operator isn't mutable"],
            "Only a `var` can be changed. Arguments are constants: `var copy = argument` first."
        ),
        (
            ["passing value of type", "as inout parameter", "requires"],
            "An inout argument is changed by the call, so it is a `var` and is passed with `&`."
        ),
        (
            ["missing return in"],
            "Some way through the function reaches its end without a `return`. Look at the branches of `if` and `switch`."
        ),
        (
            ["switch must be exhaustive"],
            "A `switch` has to cover every case of the enum. The compiler names those that are missing."
        ),
        (
            ["cannot find type", "in scope"],
            "No type of this name. Look at its spelling in the contract: Sources/Contracts."
        ),
        (
            ["cannot find", "in scope"],
            "Nothing here has this name. Look at its spelling, and whether it is declared inside other braces."
        ),
        (
            ["has no member"],
            "The type has nothing of this name. Its members stand in the contract: Sources/Contracts."
        ),
        (
            ["cannot convert return expression of type"],
            "The `return` gives another type than the function's line says after `->`."
        ),
        (
            ["cannot convert value of type"],
            "Two different types meet. Swift converts nothing by itself: `Int(x)`, `Double(x)`, `String(x)`."
        ),
        (
            ["binary operator", "cannot be applied to operands of type"],
            "Both sides have to be of one type. Swift converts nothing by itself: `Int(x)`, `Double(x)`."
        ),
        (
            ["binary operator", "cannot be applied"],
            "The operands' types don't fit this operator: is one of them optional, or another number type?"
        ),
        (
            ["optional type", "cannot be used as a boolean"],
            "Say what you ask: `x != nil`, or `x == true`."
        ),
        (
            ["missing argument"],
            "The call lacks an argument. The function's declaration says which, and its label."
        ),
        (
            ["extra argument"],
            "The function takes fewer arguments, or this one under another label."
        ),
        (
            ["incorrect argument label"],
            "The label before the argument is another one in the declaration."
        ),
        (
            ["ambiguous use of"],
            "Several functions fit. A type after the variable (`let x: Int = …`) says which is meant."
        ),
        (
            ["unable to type-check this expression in reasonable time"],
            "The expression is too long for the compiler. Give its parts names with `let`."
        ),
        (
            ["expected '}'"],
            "A brace that was opened is never closed. Count them, or let the editor indent the file."
        ),
        (["extraneous '}' at top level"], "There is one closing brace too many above."),
        (
            ["expressions are not allowed at the top level"],
            "This line stands outside any function: is there a closing brace too many above?"
        ),
        (
            ["does not conform to protocol"],
            "A function of the contract is missing, or its name, labels or types changed."
        ),
        (["invalid redeclaration"], "Something of this name is there already."),
        (
            ["used before being initialized"],
            "The variable has no value on some way that leads here."
        ),
        (["string interpolation", "default value"], "The value may be nil."),
        (["immutable value", "was never used"], "Nothing uses this value."),
        (
            ["no such module"],
            "A part imports nothing but its contract: it stays small, and can be replayed exactly."
        ),
    ]
}
