import JSON
import Linux

/// All objects as of one revision, what changed lately, and who wants to be told: fed by one watch
/// on the store.
///
/// A plain value: the `WatchHub` guards it with a lock and does what needs waiting.
package struct WatchCache {
    package struct Entry: Sendable {
        package var key: String
        /// The object as clients get it, its resourceVersion in it.
        package var bytes: [UInt8]
        package var revision: Int
    }

    /// One change of one object.
    package struct Event: Sendable {
        package var key: String
        package var revision: Int
        /// The object after the change; of a deletion, as it was, with the deletion's
        /// resourceVersion.
        package var bytes: [UInt8]
        /// The object before the change; nil where there was none.
        package var previous: [UInt8]?
        package var isDeletion: Bool
    }

    /// What a watcher is told.
    package enum Signal: Sendable {
        case event(Event)
        /// All changes up to this revision have been told.
        case bookmark(Int)
    }

    /// One resource's objects in the order of their keys, and its latest changes, oldest first.
    struct Resource {
        var entries: [Entry] = []
        var history: [Event] = []
        /// Changes after this revision are all in the history.
        var floor: Int
    }

    package struct Watcher {
        var resource: String
        var prefix: String
        var bookmarks: Bool
        var deadlineMilliseconds: Int
        var tell: AsyncStream<Signal>.Continuation

        package init(
            resource: String, prefix: String, bookmarks: Bool, deadlineMilliseconds: Int,
            tell: AsyncStream<Signal>.Continuation
        ) {
            (self.resource, self.prefix, self.bookmarks) = (resource, prefix, bookmarks)
            (self.deadlineMilliseconds, self.tell) = (deadlineMilliseconds, tell)
        }
    }

    /// How many changes a resource remembers.
    package static let historyMax = 1024

    package private(set) var revision = 0
    package init() {}
    private(set) var loadedAt = 0
    private var resources: [String: Resource] = [:]
    private(set) var watchers: [Int: Watcher] = [:]
    private var nextWatcher = 0

    // MARK: From the store

    /// Starts anew from a complete listing. Earlier history is gone, so all watchers end: they list
    /// again.
    package mutating func load(_ items: [Stored], revision: Int) {
        endAllWatchers()
        resources = [:]
        (self.revision, loadedAt) = (revision, revision)
        for item in items {  // in the order of keys, so each list is sorted as it grows
            let entry = Entry(
                key: item.key, bytes: withResourceVersion(item.value, item.revision),
                revision: item.revision)
            resources[Self.resource(of: item.key), default: Resource(floor: revision)].entries
                .append(entry)
        }
    }

    /// Takes over one change. Changes come in the order of their revisions.
    package mutating func apply(key: String, value: [UInt8]?, revision: Int) {
        self.revision = max(self.revision, revision)
        guard key.begins(with: "/registry/") else { return }
        let name = Self.resource(of: key)
        // Out of the dictionary and back, so that the arrays change in place.
        var resource = resources.removeValue(forKey: name) ?? Resource(floor: loadedAt)
        defer { resources[name] = resource }
        guard let event = resource.change(key: key, value: value, revision: revision) else {
            return
        }
        for watcher in watchers.values
        where watcher.resource == name && key.begins(with: watcher.prefix) {
            if case .dropped = watcher.tell.yield(.event(event)) { watcher.tell.finish() }
        }
    }

    mutating func advance(to revision: Int) { self.revision = max(self.revision, revision) }

    // MARK: To clients

    package func entries(_ resource: String, prefix: String) -> ArraySlice<Entry> {
        guard let all = resources[resource]?.entries else { return [] }
        if prefix == "/registry/\(resource)/" { return all[...] }
        let start = all.position(of: prefix)
        let end = all[start...].firstIndex { !$0.key.begins(with: prefix) } ?? all.endIndex
        return all[start..<end]
    }

    package func entry(_ resource: String, key: String) -> Entry? {
        guard let all = resources[resource]?.entries else { return nil }
        let index = all.position(of: key)
        return index < all.endIndex && all[index].key.isSame(as: key) ? all[index] : nil
    }

    /// The oldest revision that a watch may go on from.
    package func floor(_ resource: String) -> Int { resources[resource]?.floor ?? loadedAt }

    /// Changes after a revision, which must not be below the floor.
    package func history(_ resource: String, prefix: String, after revision: Int) -> [Event] {
        (resources[resource]?.history ?? []).filter {
            $0.revision > revision && $0.key.begins(with: prefix)
        }
    }

    package mutating func add(_ watcher: Watcher) -> Int {
        nextWatcher += 1
        watchers[nextWatcher] = watcher
        return nextWatcher
    }

    mutating func removeWatcher(_ id: Int) { watchers[id] = nil }

    package mutating func endAllWatchers() {
        for watcher in watchers.values { watcher.tell.finish() }
        watchers = [:]
    }

    /// Ends watches whose time is up and, every so often, tells the others how far they are.
    package mutating func tick(nowMilliseconds: Int, sendBookmarks: Bool) {
        for (id, watcher) in watchers {
            if watcher.deadlineMilliseconds <= nowMilliseconds {
                watcher.tell.finish()
                watchers[id] = nil
            } else if sendBookmarks, watcher.bookmarks {
                watcher.tell.yield(.bookmark(revision))
            }
        }
    }

    /// `/registry/pods/default/web` → `pods`
    static func resource(of key: String) -> String {
        let rest = key.utf8.dropFirst("/registry/".utf8.count)
        return String(Substring(rest.prefix { $0 != UInt8(ascii: "/") }))
    }
}

extension WatchCache.Resource {
    /// Changes the list and remembers it. Nil for what changes nothing: a deletion of what is not
    /// there.
    mutating func change(key: String, value: [UInt8]?, revision: Int) -> WatchCache.Event? {
        let index = entries.position(of: key)
        let previous =
            index < entries.endIndex && entries[index].key.isSame(as: key)
            ? entries[index].bytes : nil
        guard let bytes = value ?? previous else { return nil }
        let event = WatchCache.Event(
            key: key, revision: revision, bytes: withResourceVersion(bytes, revision),
            previous: previous,
            isDeletion: value == nil)
        let entry = WatchCache.Entry(key: key, bytes: event.bytes, revision: revision)
        switch (value, previous) {
        case (nil, _): entries.remove(at: index)
        case (_, nil): entries.insert(entry, at: index)
        case (_, _): entries[index] = entry
        }
        history.append(event)
        if history.count >= 2 * WatchCache.historyMax {
            floor = history[WatchCache.historyMax - 1].revision
            history.removeFirst(WatchCache.historyMax)
        }
        return event
    }
}

extension [WatchCache.Entry] {
    /// Where `key` is, or would have to be put.
    func position(of key: String) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].key.utf8.lexicographicallyPrecedes(key.utf8) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}

// Keys are bytes, as in the store: to Swift, é and e with U+0301 are one string, and there they are
// two objects.
extension String {
    func isSame(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
    func begins(with prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }
}
