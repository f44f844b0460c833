import HTTPServing
import JSON
import Kinds

/// Which objects a list or watch is about.
struct Selection: Sendable {
    var labels: LabelQuery?
    var fields: FieldQuery?

    init(_ call: Call) throws {
        if let text = call.query["labelSelector"], !text.isEmpty { labels = try LabelQuery(text) }
        if let text = call.query["fieldSelector"], !text.isEmpty {
            fields = try FieldQuery(text, for: call.kind)
        }
    }

    var isEverything: Bool { labels == nil && fields == nil }

    func matches(_ object: JSON) -> Bool {
        (labels?.matches(object) ?? true) && (fields?.matches(object) ?? true)
    }
}

/// A list as it is sent: objects, or their text where nobody has to look inside.
struct Listing: Sendable {
    var items: [[UInt8]]
    var revision: Int
    var continueToken: String?
    var remaining: Int?
}

extension API {
    func list(_ call: Call) async throws -> Response {
        let selection = try Selection(call)
        let listing = try await listing(call, selection)
        return try render(call, selection, listing)
    }

    /// From the cache where it can be had whole; page by page from the store where the client wants
    /// pages.
    func listing(_ call: Call, _ selection: Selection) async throws -> Listing {
        let options = try ListOptions(call.query, isWatch: false)
        if let token = options.continueToken {
            return try await page(call, try ContinueToken(token, call.prefix), options.limit)
        }
        if options.match == .exact, let revision = options.revision {
            return try await page(
                call, ContinueToken(revision: revision, start: call.prefix), options.limit)
        }
        try await catchUp(options.revision)
        let (entries, revision) = hub.read {
            (Array($0.entries(call.kind.storage.plural, prefix: call.prefix)), $0.revision)
        }
        let exact = selection.fields?.name.map { name in
            entries.filter { $0.key.utf8.reversed().starts(with: "/\(name)".utf8.reversed()) }
        }
        let wanted = exact ?? entries
        if options.limit > 0, wanted.count > options.limit, options.revision != 0 {
            return try await page(
                call, ContinueToken(revision: revision, start: call.prefix), options.limit)
        }
        return Listing(items: wanted.map(\.bytes), revision: revision)
    }

    /// Waits until the cache holds what the client may expect to see: all that was acknowledged
    /// before it asked, or what the revision that it names says.
    private func catchUp(_ asked: Int?) async throws {
        if asked == 0 { return }
        let revision: Int
        if let asked { revision = asked } else { revision = try await store.currentRevision() }
        if await !hub.wait(for: revision) { throw tooLarge(revision) }
    }

    func tooLarge(_ revision: Int) -> StatusError {
        StatusError(
            code: 504, reason: "Timeout",
            message:
                "Too large resource version: \(revision), current: \(hub.read { $0.revision })",
            details: [
                "causes": [
                    ["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]
                ], "retryAfterSeconds": 1,
            ])
    }

    private func page(_ call: Call, _ token: ContinueToken, _ limit: Int) async throws -> Listing {
        if await !hub.wait(for: token.revision) { throw tooLarge(token.revision) }
        let page = try await store.page(
            prefix: call.prefix, from: token.start, limit: max(0, limit), revision: token.revision)
        var listing = Listing(
            items: page.items.map { withResourceVersion($0.value, $0.revision) },
            revision: token.revision)
        if page.more, let last = page.items.last {
            listing.continueToken =
                ContinueToken(revision: token.revision, start: last.key + "\0").text
            listing.remaining = page.count - page.items.count
        }
        return listing
    }

    private func render(_ call: Call, _ selection: Selection, _ listing: Listing) throws -> Response
    {
        if selection.isEverything, call.isPlain {
            return Response(
                status: 200, headers: [("Content-Type", "application/json")],
                body: .bytes(joined(call, listing)))
        }
        let objects = try listing.items.map { try JSON(parsing: $0) }.filter(selection.matches)
            .map(call.kind.fromStorage)
        let revision = String(listing.revision)
        // How many remain can't be told where a selector picks among them.
        let remaining = selection.isEverything ? listing.remaining : nil
        if call.wantsTable {
            return .json(
                try call.table(
                    objects, resourceVersion: revision, continueToken: listing.continueToken,
                    remaining: remaining))
        }
        var list = call.kind.list(
            objects, resourceVersion: revision, continueToken: listing.continueToken,
            remaining: remaining)
        if call.wantsMetadataOnly {
            list["kind"] = "PartialObjectMetadataList"
            list["apiVersion"] = "meta.k8s.io/v1"
            list["items"] = .array(objects.map(partialMetadata))
        }
        return .json(list)
    }

    /// The list's text made of the items' texts: no object is read for it.
    private func joined(_ call: Call, _ listing: Listing) -> [UInt8] {
        var out = call.kind.list(
            [], resourceVersion: String(listing.revision), continueToken: listing.continueToken,
            remaining: listing.remaining
        ).bytes
        out.removeLast(2)  // `]}` of the empty items, which are the last member
        out.reserveCapacity(out.count + listing.items.reduce(0) { $0 + $1.count + 1 } + 2)
        for (index, item) in listing.items.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            out.append(contentsOf: item)
        }
        out.append(contentsOf: "]}\n".utf8)
        return out
    }
}

/// Where the next page of a list begins. Opaque to clients; here it is the revision and the key.
struct ContinueToken {
    var revision: Int
    var start: String

    init(revision: Int, start: String) { (self.revision, self.start) = (revision, start) }

    /// - Throws: 400 for what is no token of a list of this prefix.
    init(_ text: String, _ prefix: String) throws(StatusError) {
        guard let bytes = Self.bytes(ofHexadecimal: Array(text.utf8)),
            let space = bytes.firstIndex(of: UInt8(ascii: " ")),
            let revision = Int(String(decoding: bytes[..<space], as: UTF8.self)), revision > 0,
            bytes[(space + 1)...].starts(with: prefix.utf8)
        else { throw .badRequest("continue key is not valid") }
        self.init(
            revision: revision, start: String(decoding: bytes[(space + 1)...], as: UTF8.self))
    }

    private static func bytes(ofHexadecimal digits: [UInt8]) -> [UInt8]? {
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[index...index + 1], as: UTF8.self)
            guard let byte = UInt8(pair, radix: 16) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    var text: String {
        "\(revision) \(start)".utf8.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
