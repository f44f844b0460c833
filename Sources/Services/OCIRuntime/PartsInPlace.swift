import Contracts
import Linux
import PartPipe

extension RuntimeParts {
    /// Puts the programs that `DRYDOCK_PART_01` and `DRYDOCK_PART_02` name in the place of the kit's own parts.
    /// - Parameter note: told which lab's part is whose.
    public mutating func takeFromEnvironment(note: (String) -> Void) {
        if let path = environmentVariable("DRYDOCK_PART_01") {
            namespaces = RemoteNamespaces(LabAsker(lab: "01", path: path))
            note("lab 01: asking your part, \(path)")
        }
        if let path = environmentVariable("DRYDOCK_PART_02") {
            controlGroups = RemoteControlGroups(LabAsker(lab: "02", path: path))
            note("lab 02: asking your part, \(path)")
        }
    }
}

/// Asks a student's program, and says whose fault it is when no answer comes.
public struct LabAsker: KernelAsker {
    private let lab: String
    private let program: PartProgram

    public init(lab: String, path: String) { (self.lab, program) = (lab, PartProgram(path: path)) }

    public func ask<Input, Output>(_ question: Question<Input, Output>, _ input: Input) throws -> Output {
        try ask(question, input, kernel: NoKernel())
    }

    public func ask<Input, Output>(
        _ question: Question<Input, Output>, _ input: Input, kernel: any Kernel
    ) throws -> Output {
        do { return try program.ask(question, input, kernel: kernel) } catch let failure as PartFailure {
            throw RuntimeFailure("lab \(lab), your part: \(question.name): \(failure)")
        }
    }
}
