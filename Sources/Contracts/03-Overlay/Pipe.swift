/// Lab 03 on the pipe: the questions by name.
public enum OverlayQuestions {
    public static let lowerdir = Question<[String], String>("lowerdir")
    public static let lookup = Question<OverlayLookup, OverlayView>("lookup")
    public static let copyUp = Question<CopyUpRequest, [UpperChange]>("copyUp")
    public static let rename = Question<RenameRequest, RenameOutcome>("rename")
    public static let seenAfterWrite = Question<LinkedWrite, [String]>("seenAfterWrite")
    public static let unpack = Question<String, UnpackAction>("unpack")
    public static let pack = Question<UpperEntry, [PackedEntry]>("pack")
    public static let layerDiff = Question<TreePair, [LayerChange]>("layerDiff")
    public static let containerMount =
        Question<ContainerRequest, ContainerMount>("containerMount")
}

extension OverlayPart {
    public var desk: Desk {
        var desk = Desk()
        desk.answer(OverlayQuestions.lowerdir, with: lowerdir)
        desk.answer(OverlayQuestions.lookup, with: lookup)
        desk.answer(OverlayQuestions.copyUp, with: copyUp)
        desk.answer(OverlayQuestions.rename, with: rename)
        desk.answer(OverlayQuestions.seenAfterWrite, with: seenAfterWrite)
        desk.answer(OverlayQuestions.unpack, with: unpack)
        desk.answer(OverlayQuestions.pack, with: pack)
        desk.answer(OverlayQuestions.layerDiff, with: layerDiff)
        desk.answer(OverlayQuestions.containerMount, with: containerMount)
        return desk
    }
}

/// The rules of a part that is asked over a pipe.
public struct RemoteOverlay: OverlayRules {
    private let asker: any Asker
    public init(_ asker: any Asker) { self.asker = asker }

    public func lowerdir(_ layers: [String]) throws -> String {
        try asker.ask(OverlayQuestions.lowerdir, layers)
    }
    public func lookup(_ question: OverlayLookup) throws -> OverlayView {
        try asker.ask(OverlayQuestions.lookup, question)
    }
    public func copyUp(_ request: CopyUpRequest) throws -> [UpperChange] {
        try asker.ask(OverlayQuestions.copyUp, request)
    }
    public func rename(_ request: RenameRequest) throws -> RenameOutcome {
        try asker.ask(OverlayQuestions.rename, request)
    }
    public func seenAfterWrite(_ request: LinkedWrite) throws -> [String] {
        try asker.ask(OverlayQuestions.seenAfterWrite, request)
    }
    public func unpack(_ name: String) throws -> UnpackAction {
        try asker.ask(OverlayQuestions.unpack, name)
    }
    public func pack(_ entry: UpperEntry) throws -> [PackedEntry] {
        try asker.ask(OverlayQuestions.pack, entry)
    }
    public func layerDiff(_ trees: TreePair) throws -> [LayerChange] {
        try asker.ask(OverlayQuestions.layerDiff, trees)
    }
    public func containerMount(_ request: ContainerRequest) throws -> ContainerMount {
        try asker.ask(OverlayQuestions.containerMount, request)
    }
}

/// The open step of lab 03.
public protocol OverlayTests: OpenTests where Subject == any OverlayRules {}

extension OverlayTests {
    public func subject(asking asker: any KernelAsker) -> any OverlayRules { RemoteOverlay(asker) }
}
