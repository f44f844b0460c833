import JSON

extension Defaults {
    static func deployment(_ object: inout JSON) {
        object.editOrMake("spec") { spec in
            spec.fill("replicas", 1)
            spec.fill("revisionHistoryLimit", 10)
            spec.fill("progressDeadlineSeconds", 600)
            spec.editOrMake("strategy") { strategy in
                if strategy.isEmpty("type") { strategy["type"] = "RollingUpdate" }
                if strategy.text("type") == "RollingUpdate" {
                    strategy.editOrMake("rollingUpdate") { bounds in
                        bounds.fill("maxSurge", "25%")
                        bounds.fill("maxUnavailable", "25%")
                    }
                }
            }
            spec.edit("template", template)
        }
    }

    static func replicaSet(_ object: inout JSON) {
        let labels = object.at("spec", "template", "metadata", "labels")
        if let labels, object["metadata"]?.isEmpty("labels") ?? true {
            object.editOrMake("metadata") { $0["labels"] = labels }
        }
        object.editOrMake("spec") { spec in
            spec.fill("replicas", 1)
            spec.edit("template", template)
        }
    }

    static func daemonSet(_ object: inout JSON) {
        object.editOrMake("spec") { spec in
            spec.fill("revisionHistoryLimit", 10)
            spec.editOrMake("updateStrategy") { strategy in
                if strategy.isEmpty("type") { strategy["type"] = "RollingUpdate" }
                if strategy.text("type") == "RollingUpdate" {
                    strategy.editOrMake("rollingUpdate") { bounds in
                        bounds.fill("maxUnavailable", 1)
                        bounds.fill("maxSurge", 0)
                    }
                }
            }
            spec.edit("template", template)
        }
    }

    static func statefulSet(_ object: inout JSON) {
        object.editOrMake("spec") { spec in
            spec.fill("replicas", 1)
            spec.fill("revisionHistoryLimit", 10)
            if spec.isEmpty("podManagementPolicy") { spec["podManagementPolicy"] = "OrderedReady" }
            spec.editOrMake("updateStrategy") { strategy in
                if strategy.isEmpty("type") { strategy["type"] = "RollingUpdate" }
                if strategy.text("type") == "RollingUpdate" {
                    strategy.editOrMake("rollingUpdate") { $0.fill("partition", 0) }
                }
            }
            spec.editOrMake("persistentVolumeClaimRetentionPolicy") { policy in
                policy.fill("whenDeleted", "Retain")
                policy.fill("whenScaled", "Retain")
            }
            spec.editEach("volumeClaimTemplates") { claim in
                claim.fill("apiVersion", "v1")
                claim.fill("kind", "PersistentVolumeClaim")
                persistentVolumeClaim(&claim)
                claim.fill("status", ["phase": "Pending"])
            }
            spec.edit("template", template)
        }
    }

    static func job(_ object: inout JSON) {
        object.editOrMake("spec", jobSpec)
    }

    private static func jobSpec(_ spec: inout JSON) {
        if spec["completions"] == nil, spec["parallelism"] == nil { spec["completions"] = 1 }
        spec.fill("parallelism", 1)
        spec.fill("backoffLimit", 6)
        spec.fill("completionMode", "NonIndexed")
        spec.fill("suspend", false)
        spec.fill(
            "podReplacementPolicy",
            spec["podFailurePolicy"] == nil ? "TerminatingOrFailed" : "Failed")
        spec.edit("template", template)
    }

    /// A job finds its pods by its own uid; the server sets that up, since the uid is made here.
    static func startJob(_ object: inout JSON) {
        let uid = object.at("metadata", "uid") ?? ""
        let name = object.at("metadata", "name") ?? ""
        let isManual = object.at("spec", "manualSelector")?.bool == true
        guard !isManual else { return }
        object.editOrMake("spec") { spec in
            spec["selector"] = ["matchLabels": ["batch.kubernetes.io/controller-uid": uid]]
            spec.editOrMake("template") { template in
                template.editOrMake("metadata") { metadata in
                    metadata.editOrMake("labels") { labels in
                        labels["batch.kubernetes.io/controller-uid"] = uid
                        labels["batch.kubernetes.io/job-name"] = name
                        labels["controller-uid"] = uid
                        labels["job-name"] = name
                    }
                }
            }
        }
    }

    static func cronJob(_ object: inout JSON) {
        object.editOrMake("spec") { spec in
            if spec.isEmpty("concurrencyPolicy") { spec["concurrencyPolicy"] = "Allow" }
            spec.fill("suspend", false)
            spec.fill("successfulJobsHistoryLimit", 3)
            spec.fill("failedJobsHistoryLimit", 1)
            spec.edit("jobTemplate") { $0.edit("spec") { $0.edit("template", template) } }
        }
    }
}
