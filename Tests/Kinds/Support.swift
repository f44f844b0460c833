import JSON

@testable import Kinds

/// A kind that must be there.
func kind(_ apiVersion: String, _ name: String) -> Kind {
    guard let kind = KindRegistry.builtIn.find(apiVersion: apiVersion, kind: name) else {
        preconditionFailure("no kind \(apiVersion) \(name)")
    }
    return kind
}

/// A tree written down as JSON text.
func tree(_ text: String) -> JSON {
    do { return try JSON(parsing: text) } catch { preconditionFailure("\(error) in \(text)") }
}

let context = CreateContext(
    namespace: "default", uid: "11111111-2222-3333-4444-555555555555", suffix: "x7k2p",
    now: "2026-11-22T05:00:00Z")

extension Kind {
    /// As a POST with fieldValidation=Strict goes, up to the store.
    func created(_ text: String) throws -> JSON {
        let body = try decode(
            Array(text.utf8), contentType: "application/json", validation: .strict)
        let object = try storage.prepareForCreate(
            toStorage(body.object),
            CreateContext(
                namespace: namespaced ? context.namespace : nil, uid: context.uid,
                suffix: context.suffix,
                now: context.now))
        try storage.validate(object)
        return object
    }
}

/// The message that a body is refused with; "" where it is accepted.
func refusal(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch let error as StatusError {
        return error.message
    } catch {
        return "\(error)"
    }
}
