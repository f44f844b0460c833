import NIOPosix

/// Asks a lab's part. A part that runs as a program of its own may take seconds to answer; such calls wait
/// on a thread of their own, so that watches and leases go on meanwhile.
public struct PartCalls<Contract: Sendable>: Sendable {
    private let part: Contract
    private let thread: NIOThreadPool?

    /// - Parameter isRemote: the part is a program behind a pipe.
    public init(_ part: Contract, isRemote: Bool) {
        self.part = part
        thread = isRemote ? NIOThreadPool(numberOfThreads: 1) : nil
        thread?.start()
    }

    /// - Throws: what the part threw, or why it gave no answer.
    public func ask<Answer: Sendable>(
        _ question: @escaping @Sendable (Contract) throws -> Answer
    ) async throws -> Answer {
        guard let thread else { return try question(part) }
        return try await thread.runIfActive { [part] in try question(part) }
    }
}
