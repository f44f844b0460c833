import Objects

/// The OpenAPI v2 document, for kubectl before 1.30: before it applies a manifest it asks
/// `GET /openapi/v2`, in protobuf only, whether the server checks fields itself.
///
/// Nothing else is asked of it, so there is one path a kind, with the `fieldValidation` parameter, and no
/// schemas. Source of numbers: google/gnostic, openapiv2/OpenAPIv2.proto.
extension OpenAPI {
    /// Clients ask for `…v2@v1.0…`, which is no legal media type; the stock server answers with this.
    public static let version2ContentType =
        "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"

    /// The body of `GET /openapi/v2`: an `openapi.v2.Document`.
    public var version2: [UInt8] {
        var info = ProtobufWriter()
        info.write(1, "Kubernetes")
        info.write(2, KubernetesVersion.text)
        var paths = ProtobufWriter()
        for kind in served { paths.write(2, message: Self.pathItem(kind)) }
        var document = ProtobufWriter()
        document.write(1, "2.0")
        document.write(2, message: info)
        document.write(8, message: paths)
        return document.bytes
    }

    /// NamedPathItem {name = 1, value = 2 PathItem {patch = 8 Operation}}
    private static func pathItem(_ kind: Kind) -> ProtobufWriter {
        var item = ProtobufWriter()
        item.write(8, message: patchOperation(kind))
        var named = ProtobufWriter()
        named.write(1, "/\(path(kind.group, kind.version))/\(kind.plural)/{name}")
        named.write(2, message: item)
        return named
    }

    /// Operation {parameters = 8, vendor_extension = 13}
    private static func patchOperation(_ kind: Kind) -> ProtobufWriter {
        var type = ProtobufWriter()
        type.write(2, "group: \"\(kind.group)\"\nkind: \(kind.kind)\nversion: \(kind.version)\n")
        var named = ProtobufWriter()
        named.write(1, "x-kubernetes-group-version-kind")
        named.write(2, message: type)
        var operation = ProtobufWriter()
        operation.write(8, message: fieldValidation)
        operation.write(13, message: named)
        return operation
    }

    /// ParametersItem {1 Parameter {2 NonBodyParameter {3 QueryParameterSubSchema {in = 2, name = 4, type = 6}}}}
    private static let fieldValidation: ProtobufWriter = {
        var query = ProtobufWriter()
        query.write(2, "query")
        query.write(4, "fieldValidation")
        query.write(6, "string")
        return [3, 2, 1].reduce(query) { inner, number in
            var outer = ProtobufWriter()
            outer.write(number, message: inner)
            return outer
        }
    }()
}
