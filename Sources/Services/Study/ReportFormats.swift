import Grading
import JSON

/// A report in the form that some machine reads.
public enum ReportFormat: String, CaseIterable {
    case terminal, json, junit, gradescope

    /// - Throws: `StudyError`, which lists the formats.
    init(named name: String?) throws {
        guard let format = ReportFormat(rawValue: name ?? "terminal") else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw StudyError("no format \"\(name ?? "")\"; there are: \(known)")
        }
        self = format
    }

    func text(_ report: Report) -> String {
        switch self {
        case .terminal: ""
        case .json: report.json.prettyText
        case .junit: report.junit
        case .gradescope: report.gradescope.prettyText
        }
    }
}

extension Report {
    /// The details of a verdict as plain lines.
    func details(_ step: StepReport) -> String {
        var lines = step.message.isEmpty ? [] : [step.message]
        if let expected = step.expected { lines.append("expected: \(expected)") }
        if let seen = step.seen { lines.append("seen: \(seen)") }
        if let idea = step.idea { lines.append("idea: \(idea)") }
        if let seed = step.seed {
            lines.append(
                "again: Labs/lab replay \(step.step) --seed \(seed)"
                    + (step.size.map { " --size \($0)" } ?? ""))
        }
        return lines.joined(separator: "\n")
    }

    /// One suite a lab, one case a step. JUnit knows four endings: passed, failure, error and skipped; a step
    /// that is to do is skipped, so that a build server counts what is wrong apart from what is missing.
    var junit: String {
        func count(_ verdicts: Set<Verdict>) -> Int {
            steps.count { verdicts.contains($0.verdict) }
        }
        let skipped: Set<Verdict> = [.todo, .skip, .environment]
        let errors: Set<Verdict> = [.error, .unstable]
        var lines = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
            "<testsuite name=\"\(xml("Lab \(card.number) \(card.title)"))\" tests=\"\(steps.count)\""
                + " failures=\"\(count([.fail]))\" errors=\"\(count(errors))\""
                + " skipped=\"\(count(skipped))\" time=\"\(seconds(milliseconds))\" timestamp=\"\(date.dropLast())\">",
            "  <properties>",
            "    <property name=\"points.earned\" value=\"\(earned)\"/>",
            "    <property name=\"points.possible\" value=\"\(possible)\"/>",
            "  </properties>",
        ]
        for step in steps {
            let title = card.step(step.step)?.title ?? ""
            let name = xml("\(step.step) \(title)")
            let head =
                "  <testcase classname=\"drydock.lab\(card.number)\" name=\"\(name)\" time=\"\(seconds(step.milliseconds))\""
            let tag =
                errors.contains(step.verdict)
                ? "error" : skipped.contains(step.verdict) ? "skipped" : "failure"
            if step.verdict == .pass, step.message.isEmpty {
                lines.append(head + "/>")
            } else if step.verdict == .pass {
                lines.append(head + "><system-out>\(xml(step.message))</system-out></testcase>")
            } else {
                lines.append(head + ">")
                let message = xml("\(step.verdict.rawValue): \(step.message)")
                lines.append("    <\(tag) message=\"\(message)\">\(xml(details(step)))</\(tag)>")
                lines.append("  </testcase>")
            }
        }
        return (lines + ["</testsuite>", ""]).joined(separator: "\n")
    }

    private func seconds(_ milliseconds: Int) -> String {
        let thousandths = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(thousandths.zeroPadded(3))"
    }

    /// Escaped for XML; control characters, which it forbids, become what they are called.
    private func xml(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += "&#10;"
            case "\t": result += "&#9;"
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    /// What Gradescope's autograders leave in results/results.json. What the machine can't run has no points to
    /// lose: its `max_score` is 0.
    var gradescope: JSON {
        let tests = steps.map { step -> JSON in
            let known = card.step(step.step)
            let points = step.verdict == .environment ? 0 : known?.points ?? 0
            return [
                "number": .string(step.step), "name": .string("\(step.step) \(known?.title ?? "")"),
                "score": JSON(earned(step)), "max_score": JSON(points),
                "status": step.verdict == .pass ? "passed" : "failed",
                "output": .string(
                    step.verdict == .pass
                        ? step.message : "\(step.verdict.rawValue): \(details(step))"),
                "visibility": "visible",
            ]
        }
        let said = complaints.map { "\($0.file):\($0.line): \($0.message)" }.joined(separator: "\n")
        return [
            "score": JSON(earned), "execution_time": JSON((milliseconds + 999) / 1000),
            "output": .string(
                "Lab \(card.number) \(card.title): \(earned) of \(possible) points"
                    + (said.isEmpty ? "" : "\nThe part does not compile:\n\(said)")),
            "visibility": "visible", "tests": .array(tests),
        ]
    }
}

extension String {
    func zeroPadded(_ width: Int) -> String {
        String(repeating: "0", count: max(0, width - count)) + self
    }
}
