import JSON
import Synchronization

/// OpenAPI v3: the index, and a document a group and version, with the schemas that the tables
/// make.
///
/// Only one path a kind is listed, with the `fieldValidation` parameter: that is how kubectl learns
/// that the
/// server checks fields itself.
public final class OpenAPI: Sendable {
    let served: [Kind]
    private let discovery: Discovery
    private let madeIndex = Mutex<JSON?>(nil)

    public init(_ kinds: KindRegistry) {
        served = kinds.all.filter(\.isServed)
        discovery = Discovery(kinds)
    }

    /// `GET /openapi/v3`. The hash in each address changes with the document: clients keep one per
    /// address. Made once: it takes all documents, some ten milliseconds.
    public var index: JSON {
        madeIndex.withLock { made in
            let index = made ?? makeIndex()
            made = index
            return index
        }
    }

    private func makeIndex() -> JSON {
        var paths = JSON.object(JSONObject())
        for group in discovery.groupNames {
            for version in discovery.versions(of: group) {
                let path = Self.path(group, version)
                let hash = Self.fingerprint(document(group: group, version: version)?.bytes ?? [])
                paths[path] = ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=\(hash)")]
            }
        }
        return ["paths": paths]
    }

    /// `GET /openapi/v3/apis/apps/v1`; group "" is core; nil for an unknown one.
    public func document(group: String, version: String) -> JSON? {
        let kinds = discovery.resources(group, version)
        guard !kinds.isEmpty else { return nil }
        var paths = JSON.object(JSONObject())
        for kind in kinds {
            paths["/\(Self.path(group, version))/\(kind.plural)/{name}"] = [
                "get": Self.operation(kind), "patch": Self.operation(kind),
            ]
        }
        return [
            "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": "v1.34.0"],
            "paths": paths,
            "components": ["schemas": Self.schemas(for: kinds)],
        ]
    }

    static func path(_ group: String, _ version: String) -> String {
        group.isEmpty ? "api/\(version)" : "apis/\(group)/\(version)"
    }

    private static func groupVersionKind(_ kind: Kind) -> JSON {
        [
            "group": .string(kind.group), "version": .string(kind.version),
            "kind": .string(kind.kind),
        ]
    }

    private static func operation(_ kind: Kind) -> JSON {
        [
            "x-kubernetes-group-version-kind": groupVersionKind(kind),
            "parameters": [
                ["name": "fieldValidation", "in": "query", "schema": ["type": "string"]]
            ],
            "responses": [
                "200": [
                    "description": "OK",
                    "content": ["application/json": ["schema": reference(to: kind.message, kind.tables)]],
                ]
            ],
        ]
    }

    /// FNV-1a, 64 bits: enough for a cache key, the same on every machine.
    private static func fingerprint(_ bytes: [UInt8]) -> String {
        let hash = bytes.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return String(hash, radix: 16, uppercase: true)
    }
}

// MARK: Schemas

extension OpenAPI {
    /// The schemas of the kinds and of all messages that they reach.
    private static func schemas(for kinds: [Kind]) -> JSON {
        var waiting = kinds.map { (name: $0.message, tables: $0.tables) }
        var done: [String: JSON] = [:]
        while let (name, tables) = waiting.popLast() {
            guard let message = tables[name] else { continue }
            let full = schemaName(name, tables)
            guard done[full] == nil else { continue }
            var schema = self.schema(of: message, tables)
            let types = kinds.filter { $0.message == name }.map(groupVersionKind)
            if !types.isEmpty { schema["x-kubernetes-group-version-kind"] = .array(types) }
            done[full] = schema
            waiting += message.fields.compactMap(\.type.messageName).map { (name: $0, tables: tables) }
        }
        let named = done.sorted { $0.key < $1.key }
        return .object(JSONObject(unique: named.map { (name: $0.key, value: $0.value) }))
    }

    private static func schemaName(_ message: String, _ tables: FieldTables) -> String {
        "\(tables[message]?.package ?? "").\(message)"
    }

    private static func reference(to message: String, _ tables: FieldTables) -> JSON {
        ["$ref": .string("#/components/schemas/\(schemaName(message, tables))")]
    }

    private static func schema(of message: Message, _ tables: FieldTables) -> JSON {
        var properties = JSON.object(JSONObject())
        if message.isObject {
            properties["apiVersion"] = [
                "type": "string", "description": "The version of this form of the object.",
            ]
            properties["kind"] = ["type": "string", "description": "The kind of the object."]
        }
        for field in message.fields { properties[field.name] = property(field, tables) }
        var schema: JSON = [
            "type": "object", "description": .string(message.doc), "properties": properties,
        ]
        let required = message.fields.filter { $0.presence == .always }.map { JSON.string($0.name) }
        if !required.isEmpty { schema["required"] = .array(required) }
        return schema
    }

    private static func property(_ field: Field, _ tables: FieldTables) -> JSON {
        var property = type(field.type, tables)
        if property["$ref"] != nil { property = ["allOf": [property]] }
        property["description"] = .string(field.doc)
        if let key = field.mergeKey { property["x-kubernetes-patch-merge-key"] = .string(key) }
        if field.isMerged {
            property["x-kubernetes-patch-strategy"] =
                field.retainsKeys ? "merge,retainKeys" : "merge"
        }
        if !field.listMapKeys.isEmpty {
            property["x-kubernetes-list-type"] = "map"
            property["x-kubernetes-list-map-keys"] = .array(field.listMapKeys.map { .string($0) })
        }
        return property
    }

    private static func type(_ type: FieldType, _ tables: FieldTables) -> JSON {
        switch type {
        case .string, .quantity, .duration: ["type": "string"]
        case .bool: ["type": "boolean"]
        case .int32: ["type": "integer", "format": "int32"]
        case .int64: ["type": "integer", "format": "int64"]
        case .double: ["type": "number", "format": "double"]
        case .bytes: ["type": "string", "format": "byte"]
        case .time, .microTime: ["type": "string", "format": "date-time"]
        case .intOrString: ["type": "string", "format": "int-or-string"]
        case .json: ["type": "object"]
        case .message(let name): reference(to: name, tables)
        case .list(let element): ["type": "array", "items": self.type(element, tables)]
        case .map(let element): ["type": "object", "additionalProperties": self.type(element, tables)]
        }
    }
}
