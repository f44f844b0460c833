import JSON

// The words that kinds are described with: `Kind("v1", "Pod", "pods").short("po").withStatus()`.

extension Kind {
    private func changed(_ change: (inout Kind) -> Void) -> Kind {
        var kind = self
        change(&kind)
        return kind
    }

    // MARK: Its names

    /// What kubectl takes for the plural, too: `po`.
    public func short(_ names: String...) -> Kind { changed { $0.shortNames = names } }
    /// In place of the kind in small letters.
    public func singular(_ name: String) -> Kind { changed { $0.singular = name } }
    /// `all` is what `kubectl get all` asks for.
    public func categories(_ names: String...) -> Kind { changed { $0.categories = names } }
    /// How its objects may be named.
    public func named(_ rule: NameRule) -> Kind { changed { $0.nameRule = rule } }
    /// Its objects are in no namespace.
    public func clusterWide() -> Kind { changed { $0.namespaced = false } }

    // MARK: What may be done

    /// In place of `Kind.everyVerb`.
    public func verbs(_ verbs: [String]) -> Kind { changed { $0.verbs = verbs } }
    /// A PUT makes what is not there.
    public func createdByUpdates() -> Kind { changed { $0.isCreatedByUpdates = true } }
    /// Nothing acts on it: who makes one is told so.
    public func withoutController() -> Kind { changed { $0.isActedUpon = false } }
    /// Besides their names, what its objects can be selected by: `spec.nodeName`.
    public func selectable(by fields: String...) -> Kind { changed { $0.selectableFields = Set(fields) } }

    /// A subresource; without a type of its own it is the object itself.
    public func with(_ name: String, _ verbs: [String], _ version: String? = nil, _ type: String? = nil) -> Kind {
        changed {
            $0.subresources.append(
                Subresource(name: name, apiVersion: version ?? apiVersion, kind: type ?? kind, verbs: verbs))
        }
    }

    /// The subresource that whoever acts on it writes.
    public func withStatus() -> Kind { with("status", ["get", "patch", "update"]) }
    /// The subresource that autoscalers and `kubectl scale` write.
    public func withScale() -> Kind { with("scale", ["get", "patch", "update"], "autoscaling/v1", "Scale") }

    /// Only ever the body of a POST.
    public func sentOnly() -> Kind {
        changed {
            $0.verbs = ["create"]
            $0.isStored = false
            $0.nameRule = .none
        }
    }

    /// Computed when asked for.
    func answered() -> Kind {
        changed {
            $0.verbs = ["get", "list"]
            $0.isStored = false
            $0.printer = .metrics
        }
    }

    /// Bodies of it may name any apiVersion.
    func inEveryGroup() -> Kind { changed { $0.isInEveryGroup = true } }

    // MARK: Its fields

    /// Its fields by a table of its own, in which one message has the kind's name.
    public func described(by table: FieldTable) -> Kind { changed { $0.tables = $0.tables.adding(table) } }
    /// Its fields by another message than the one of its name.
    func described(by message: String) -> Kind { changed { $0.message = message } }
    /// metadata.generation counts changes of what is wanted.
    public func countingGenerations() -> Kind { changed { $0.hasGeneration = true } }

    /// Fills what the client left out.
    public func filled(by defaults: @escaping @Sendable (inout JSON) -> Void) -> Kind {
        changed { $0.fillDefaults = defaults }
    }

    /// Sets up what a new object has before anyone writes its status.
    public func started(by start: @escaping @Sendable (inout JSON) -> Void) -> Kind {
        changed { $0.start = start }
    }

    /// What is wrong with an object, beside what its table says, and which changes are forbidden.
    public func checked(by rules: Rules) -> Kind { changed { $0.rules = rules } }

    /// Puts back what an update leaves as it was.
    public func keeping(_ keep: @escaping @Sendable (_ old: JSON, _ new: inout JSON) -> Void) -> Kind {
        changed { $0.keepAtUpdate = keep }
    }

    /// Of the metadata, what a write to `status` leaves as it was, beside what the server itself sets.
    public func keepingForStatus(_ names: String...) -> Kind { changed { $0.metadataKeptByStatus = names } }
    /// Its objects hold addresses and ports that no other object may have.
    func claimingAddresses() -> Kind { changed { $0.claimsAddresses = true } }

    // MARK: Its end, and how it is shown

    /// A deleted object has time to end, unless it is one that goes at once (nil).
    public func ending(after seconds: @escaping @Sendable (JSON) -> Int?) -> Kind {
        changed { $0.gracePeriodSeconds = seconds }
    }

    /// What becomes of an object that is to go, and waits for its finalizers.
    public func terminating(by mark: @escaping @Sendable (inout JSON) -> Void) -> Kind {
        changed { $0.markTerminating = mark }
    }

    /// A deleted object stays as long as this holds.
    public func held(while isHeld: @escaping @Sendable (JSON) -> Bool) -> Kind { changed { $0.isHeld = isHeld } }
    /// What an object owns stays, unless whoever deletes it says otherwise.
    public func orphaning() -> Kind { changed { $0.orphansByDefault = true } }

    /// The columns of `kubectl get`.
    public func printed(by printer: Printer) -> Kind { changed { $0.printer = printer } }
}
