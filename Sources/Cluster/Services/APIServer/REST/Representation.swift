import HTTPServing
import Kinds

/// The forms that an object or a list is answered in; all of them are JSON.
enum Representation: Sendable {
    case object
    /// Rows and columns, for people.
    case table
    /// The metadata alone.
    case metadata

    /// The first form of an `Accept` header that can be had; every one where there is none.
    ///
    ///     application/json;as=Table;v=v1;g=meta.k8s.io,application/json
    ///
    /// - Throws: 406 where none can.
    init(accept: String) throws(StatusError) {
        let clauses = accept.utf8.split(separator: UInt8(ascii: ","))
        guard !clauses.isEmpty else {
            self = .object
            return
        }
        for clause in clauses {
            if let form = Self.form(String(Substring(clause))) {
                self = form
                return
            }
        }
        throw .notAcceptable(["application/json"])
    }

    private static func form(_ clause: String) -> Representation? {
        let words = clause.utf8.split(separator: UInt8(ascii: ";")).map {
            String(decoding: $0.filter { $0 != 0x20 && $0 != 0x09 }, as: UTF8.self)
        }
        guard let type = words.first, ["application/json", "application/*", "*/*"].contains(type)
        else { return nil }
        func value(_ name: String) -> String? {
            words.dropFirst().first { $0.utf8.starts(with: "\(name)=".utf8) }.map {
                String(decoding: $0.utf8.dropFirst(name.utf8.count + 1), as: UTF8.self)
            }
        }
        guard let form = value("as") else { return .object }
        guard value("g") == "meta.k8s.io", value("v") == "v1" else { return nil }
        return switch form {
        case "Table": .table
        case "PartialObjectMetadata", "PartialObjectMetadataList": .metadata
        default: nil
        }
    }
}
