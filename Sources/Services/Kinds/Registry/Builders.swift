import JSON

// The words that the registry describes kinds with.

extension Kind {
    private func changed(_ change: (inout Kind) -> Void) -> Kind {
        var kind = self
        change(&kind)
        return kind
    }

    func short(_ names: String...) -> Kind { changed { $0.shortNames = names } }
    func singular(_ name: String) -> Kind { changed { $0.singular = name } }
    func categories(_ names: String...) -> Kind { changed { $0.categories = names } }
    func withoutController() -> Kind { changed { $0.isActedUpon = false } }
    func createdByUpdates() -> Kind { changed { $0.isCreatedByUpdates = true } }
    func clusterWide() -> Kind { changed { $0.namespaced = false } }
    func verbs(_ verbs: [String]) -> Kind { changed { $0.verbs = verbs } }
    func named(_ rule: NameRule) -> Kind { changed { $0.nameRule = rule } }
    func countingGenerations() -> Kind { changed { $0.hasGeneration = true } }
    func printed(by printer: Printer) -> Kind { changed { $0.printer = printer } }
    func checked(by rules: Rules) -> Kind { changed { $0.rules = rules } }

    func filled(by defaults: @escaping @Sendable (inout JSON) -> Void) -> Kind {
        changed { $0.fillDefaults = defaults }
    }

    func started(by start: @escaping @Sendable (inout JSON) -> Void) -> Kind {
        changed { $0.start = start }
    }

    /// A subresource; without a type of its own it is the object itself.
    func with(_ name: String, _ verbs: [String], _ version: String? = nil, _ type: String? = nil)
        -> Kind
    {
        changed {
            $0.subresources.append(
                Subresource(
                    name: name, apiVersion: version ?? apiVersion, kind: type ?? kind, verbs: verbs)
            )
        }
    }

    func withStatus() -> Kind { with("status", ["get", "patch", "update"]) }
    func withScale() -> Kind {
        with("scale", ["get", "patch", "update"], "autoscaling/v1", "Scale")
    }

    /// Only ever the body of a POST.
    func sentOnly() -> Kind {
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

    func stored(as apiVersion: String, message: String) -> Kind {
        changed {
            $0.storageAPIVersion = apiVersion
            $0.message = message
            $0.convertToStorage = AutoscalerConversion.toV2
            $0.convertFromStorage = AutoscalerConversion.toV1
        }
    }
}
