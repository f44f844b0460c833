import ContractOverlay

/// The rules of an overlay: `Union.swift` reads a stack of layers, `Layers.swift` turns layers into
/// tars and back.
public struct Overlay: OverlayPart {
    public init() {}
}
