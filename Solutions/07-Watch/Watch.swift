import ContractWatch

/// Lab 07, the reference: revisions, compare-and-swap, list then watch.
public struct Watch: WatchPart {
    public init() {}

    public func start(_ request: WatchRequestFacts) throws -> WatchStart {
        // step 7.1 begin
        if request.sendInitialEvents { return .snapshotWithMark }
        guard let revision = request.revision, revision > 0 else { return .snapshot }
        return revision < request.oldest ? .gone : .resume
        // step 7.1 end
    }

    public func mayWrite(_ write: WriteFacts) throws -> WriteVerdict {
        // step 7.2 begin
        if !write.expectedUID.isEmpty, write.expectedUID != write.actualUID { return .replaced }
        return write.expected.isEmpty || write.expected == write.actual ? .yes : .changed
        // step 7.2 end
    }

    public func told(_ change: ChangeFacts) throws -> WatchEventType? {
        // step 7.3 begin
        switch (change.matchedBefore, change.matchesNow) {
        case (false, false): nil
        case (false, true): .added
        case (true, true): .modified
        case (true, false): .deleted
        }
        // step 7.3 end
    }
}
