// What every object has, and the bodies that go with requests. Source of numbers:
// k8s.io/apimachinery,
// pkg/apis/meta/v1/generated.proto.

extension FieldTables {
    static let meta = FieldTable(
        "io.k8s.apimachinery.pkg.apis.meta.v1",
        """
        ObjectMeta | What every object has.
        1 name string | Unique among its kind in its namespace; cannot change.
        2 generateName string | A prefix that the server completes to a free name.
        3   namespace                   string                  | The namespace the object is in.
        4   selfLink                    string                  | No longer set.
        5 uid string | Unique in time and space; set by the server.
        6 resourceVersion string | Changes with every write; send it back to be told of conflicts.
        7 generation int64 | Counts the changes of the desired state.
        8 creationTimestamp time | When the server accepted the object.
        9 deletionTimestamp time? | When it is to be gone; set by a delete that waits.
        10  deletionGracePeriodSeconds  int64?                  | How long it may take to end.
        11  labels                      {string}                | Keys and values to select by.
        12 annotations {string} | Keys and values that tools keep with the object.
        13 ownerReferences [OwnerReference] merge=uid | When all owners are gone, so is the object.
        14 finalizers [string] merge | While there are any, the object stays.
        17  managedFields               [ManagedFieldsEntry]    | Who set which fields.
        OwnerReference | An object that this one belongs to.
        5   apiVersion                  string! required | Of the owner.
        1   kind                        string! required | Of the owner.
        3   name                        string! required | Of the owner.
        4 uid string! required | Of the owner; a namesake is another object.
        6   controller                  bool?                   | The one owner that manages it.
        7 blockOwnerDeletion bool? | In foreground deletion the owner waits for this.
        ManagedFieldsEntry | The fields that one manager set.
        1   manager                     string                  | The name of the program.
        2   operation                   string                  | Apply or Update.
        3 apiVersion string | The version the fields are named in.
        4   time                        time?                   | When it last changed.
        6   fieldsType                  string                  | FieldsV1.
        7 fieldsV1 json? | The set of fields, as a tree of their names.
        8 subresource string | Where it was written through, if not the object.
        LabelSelector | Labels that an object must have; all requirements hold together.
        1   matchLabels                 {string}                | These labels with these values.
        2   matchExpressions            [LabelSelectorRequirement] | Further requirements.
        LabelSelectorRequirement | A requirement on one label.
        1   key                         string!                 | The label.
        2   operator                    string!                 | In, NotIn, Exists or DoesNotExist.
        3   values                      [string]                | For In and NotIn.
        ListMeta | What every list has.
        1   selfLink                    string                  | No longer set.
        2   resourceVersion             string                  | Watch from here to miss nothing.
        3   continue                    string                  | Ask with this for the next part.
        4   remainingItemCount          int64?                  | How many are left.
        Status* | The outcome of a request that returns no object.
        1   metadata                    ListMeta                | Empty.
        2   status                      string                  | Success or Failure.
        3   message                     string                  | For people.
        4 reason string | For programs: NotFound, Conflict, …
        5   details                     StatusDetails?          | What it is about.
        6   code                        int32                   | The HTTP status.
        StatusDetails | What a Status is about.
        1   name                        string                  | The object.
        2   group                       string                  | Its group.
        3   kind                        string                  | Its kind or resource.
        6   uid                         string                  | Its uid.
        4   causes                      [StatusCause]           | One a field.
        5   retryAfterSeconds           int32                   | When to try again.
        StatusCause | One reason for a failure.
        1   reason                      string                  | For programs.
        2   message                     string                  | For people.
        3   field                       string                  | The path of the field.
        DeleteOptions* | How to delete.
        1 gracePeriodSeconds int64? | 0 is at once; absent is the kind's own.
        2   preconditions               Preconditions?          | Only if they hold.
        3   orphanDependents            bool?                   | Old form of propagationPolicy.
        4   propagationPolicy           string? in=Background,Foreground,Orphan | Orphan, Background or Foreground.
        5   dryRun                      [string]                | All: say what would happen.
        6   ignoreStoreReadErrorWithClusterBreakingPotential bool? | Delete what cannot be read.
        Preconditions | What must hold for a write.
        1   uid                         string?                 | The object's uid.
        2   resourceVersion             string?                 | The object's resourceVersion.
        Condition | One aspect of an object's state.
        1   type                        string!                 | The aspect.
        2   status                      string!                 | True, False or Unknown.
        3   observedGeneration          int64                   | The generation it speaks of.
        4   lastTransitionTime          time!                   | When status last changed.
        5   reason                      string!                 | For programs.
        6   message                     string!                 | For people.
        """)
}
