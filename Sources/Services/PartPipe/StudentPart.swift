import Contract
import Linux

/// The student's program for a lab, where the environment names one:
/// `DRYDOCK_PART_10=/path/to/part-10`.
///
/// Every program of the cluster uses the reference part unless this is set, and then never falls
/// back:
/// a part that fails makes an error that names its lab.
public struct StudentPart: Asker {
    /// `10`
    public let lab: String
    /// The part's program.
    public let path: String
    private let program: PartProgram

    /// - Parameter lab: two digits.
    /// - Returns: nil where the environment says nothing about the lab: the reference is to be
    ///   used.
    public init?(lab: String) {
        guard let value = getenv("DRYDOCK_PART_\(lab)") else { return nil }
        let path = String(cString: value)
        guard !path.isEmpty else { return nil }
        (self.lab, self.path, program) = (lab, path, PartProgram(path: path))
    }

    public func ask<Input, Output>(
        _ question: Question<Input, Output>, _ input: Input
    ) throws -> Output {
        do { return try program.ask(question, input) } catch let failure as PartFailure {
            throw StudentPartError(lab: lab, failure: failure)
        }
    }
}

extension StudentPart: KernelAsker {
    public func ask<Input, Output>(
        _ question: Question<Input, Output>, _ input: Input, kernel: any Kernel
    ) throws -> Output {
        do {
            return try program.ask(question, input, kernel: kernel)
        } catch let failure as PartFailure {
            throw StudentPartError(lab: lab, failure: failure)
        }
    }
}

/// What went wrong, and in whose part.
public struct StudentPartError: Error, Sendable, CustomStringConvertible {
    public let lab: String
    public let failure: PartFailure
    public var description: String { "lab \(lab), your part: \(failure)" }
}
