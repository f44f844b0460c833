// Controllers of pods. Source of numbers: k8s.io/api, apps/v1 and batch/v1 generated.proto.

extension FieldTables {
    static let apps = FieldTable(
        "io.k8s.api.apps.v1",
        """
        Deployment* | Pods of one template, replaced step by step when it changes.
        1  metadata           ObjectMeta               | Standard metadata.
        2  spec               DeploymentSpec           | What is wanted.
        3  status             DeploymentStatus         | What is.
        DeploymentSpec | What is wanted of a Deployment.
        1  replicas           int32? 0.. | How many pods; 1 by default.
        2  selector           LabelSelector?           | Which pods are its own; cannot change.
        3  template           PodTemplateSpec!         | What the pods look like.
        4  strategy           DeploymentStrategy retainKeys | How they are replaced.
        5  minReadySeconds    int32 0.. | Ready for so long is available.
        6  revisionHistoryLimit int32? 0.. | Old ReplicaSets to keep; 10 by default.
        7  paused             bool                     | Template changes wait.
        9 progressDeadlineSeconds int32? 0.. | No progress for so long is a failure; 600 by default.
        DeploymentStrategy | How pods are replaced.
        1  type               string in=Recreate,RollingUpdate | RollingUpdate or Recreate.
        2  rollingUpdate      RollingUpdateDeployment? | For RollingUpdate.
        RollingUpdateDeployment | Bounds of a rolling update.
        1  maxUnavailable     intOrString?             | So many fewer; percentages round down.
        2  maxSurge           intOrString?             | So many more; percentages round up.
        DeploymentStatus | What is known of a Deployment.
        1  observedGeneration int64 0.. | The generation this speaks of.
        2  replicas           int32 0.. | Pods.
        3  updatedReplicas    int32 0.. | Pods of the new template.
        7  readyReplicas      int32 0.. | Ready pods.
        4  availableReplicas  int32 0.. | Pods ready for minReadySeconds.
        5  unavailableReplicas int32 0.. | Pods still to become available.
        9  terminatingReplicas int32?                  | Pods that are ending.
        6 conditions [DeploymentCondition] merge=type | Available, Progressing, ReplicaFailure.
        8  collisionCount     int32? 0.. | Makes the hash of the template differ.
        DeploymentCondition | One aspect of a Deployment's state.
        1  type               string!                  | The aspect.
        2  status             string!                  | True, False or Unknown.
        6  lastUpdateTime     time                     | When last written.
        7  lastTransitionTime time                     | When status last changed.
        4  reason             string                   | For programs.
        5  message            string                   | For people.
        ReplicaSet* | So many pods of one template.
        1  metadata           ObjectMeta               | Standard metadata.
        2  spec               ReplicaSetSpec           | What is wanted.
        3  status             ReplicaSetStatus         | What is.
        ReplicaSetSpec | What is wanted of a ReplicaSet.
        1  replicas           int32? 0.. | How many pods; 1 by default.
        4  minReadySeconds    int32 0.. | Ready for so long is available.
        2  selector           LabelSelector?           | Which pods are its own; cannot change.
        3  template           PodTemplateSpec          | What the pods look like.
        ReplicaSetStatus | What is known of a ReplicaSet.
        1  replicas           int32! 0.. | Pods.
        2  fullyLabeledReplicas int32 0.. | Pods with all the template's labels.
        4  readyReplicas      int32 0.. | Ready pods.
        5  availableReplicas  int32 0.. | Pods ready for minReadySeconds.
        7  terminatingReplicas int32?                  | Pods that are ending.
        3  observedGeneration int64 0.. | The generation this speaks of.
        6  conditions         [AppsCondition] merge=type | ReplicaFailure.
        AppsCondition | One aspect of a workload's state.
        1  type               string!                  | The aspect.
        2  status             string!                  | True, False or Unknown.
        3  lastTransitionTime time                     | When status last changed.
        4  reason             string                   | For programs.
        5  message            string                   | For people.
        DaemonSet* | A pod on every node.
        1  metadata           ObjectMeta               | Standard metadata.
        2  spec               DaemonSetSpec            | What is wanted.
        3  status             DaemonSetStatus          | What is.
        DaemonSetSpec | What is wanted of a DaemonSet.
        1  selector           LabelSelector?           | Which pods are its own; cannot change.
        2  template           PodTemplateSpec!         | What the pods look like.
        3  updateStrategy     DaemonSetUpdateStrategy  | How they are replaced.
        4  minReadySeconds    int32 0.. | Ready for so long is available.
        6  revisionHistoryLimit int32? 0.. | Old revisions to keep; 10 by default.
        DaemonSetUpdateStrategy | How pods are replaced.
        1  type               string in=OnDelete,RollingUpdate | RollingUpdate or OnDelete.
        2  rollingUpdate      RollingUpdateDeployment? | For RollingUpdate.
        DaemonSetStatus | What is known of a DaemonSet.
        1  currentNumberScheduled int32!               | Nodes that run it and should.
        2  numberMisscheduled int32!                   | Nodes that run it and should not.
        3  desiredNumberScheduled int32!               | Nodes that should run it.
        4  numberReady        int32!                   | Nodes where it is ready.
        5  observedGeneration int64                    | The generation this speaks of.
        6  updatedNumberScheduled int32                | Nodes with the new template.
        7  numberAvailable    int32                    | Nodes where it is available.
        8  numberUnavailable  int32                    | Nodes where it is not.
        9  collisionCount     int32?                   | Makes the hash of the template differ.
        10 conditions         [AppsCondition] merge=type | State.
        StatefulSet* | Pods with names, and storage, of their own.
        1  metadata           ObjectMeta               | Standard metadata.
        2  spec               StatefulSetSpec          | What is wanted.
        3  status             StatefulSetStatus        | What is.
        StatefulSetSpec | What is wanted of a StatefulSet.
        1  replicas           int32? 0.. | How many pods; 1 by default.
        2  selector           LabelSelector?           | Which pods are its own; cannot change.
        3  template           PodTemplateSpec!         | What the pods look like.
        4  volumeClaimTemplates [PersistentVolumeClaim] | Claims for each pod.
        5  serviceName        string!                  | The service that gives the pods names.
        6  podManagementPolicy string in=OrderedReady,Parallel | OrderedReady or Parallel.
        7  updateStrategy     StatefulSetUpdateStrategy | How they are replaced.
        8  revisionHistoryLimit int32? 0.. | Old revisions to keep; 10 by default.
        9  minReadySeconds    int32 0.. | Ready for so long is available.
        10 persistentVolumeClaimRetentionPolicy StatefulSetPersistentVolumeClaimRetentionPolicy? | When claims go.
        11 ordinals           StatefulSetOrdinals?     | The first number.
        StatefulSetUpdateStrategy | How pods are replaced.
        1  type               string in=OnDelete,RollingUpdate | RollingUpdate or OnDelete.
        2  rollingUpdate      RollingUpdateStatefulSetStrategy? | For RollingUpdate.
        RollingUpdateStatefulSetStrategy | Bounds of a rolling update.
        1  partition          int32? 0.. | Pods below this number stay as they are.
        2  maxUnavailable     intOrString?             | So many at once.
        StatefulSetPersistentVolumeClaimRetentionPolicy | When claims go.
        1  whenDeleted        string in=Delete,Retain | Retain or Delete.
        2  whenScaled         string in=Delete,Retain | Retain or Delete.
        StatefulSetOrdinals | How pods are numbered.
        1  start              int32! 0.. | The first number.
        StatefulSetStatus | What is known of a StatefulSet.
        1  observedGeneration int64                    | The generation this speaks of.
        2  replicas           int32!                   | Pods.
        3  readyReplicas      int32                    | Ready pods.
        4  currentReplicas    int32                    | Pods of the old template.
        5  updatedReplicas    int32                    | Pods of the new template.
        6  currentRevision    string                   | The old template.
        7  updateRevision     string                   | The new template.
        9  collisionCount     int32?                   | Makes the hash of the template differ.
        10 conditions         [AppsCondition] merge=type | State.
        11 availableReplicas  int32!                    | Pods ready for minReadySeconds.
        """)

    static let batch = FieldTable(
        "io.k8s.api.batch.v1",
        """
        Job* | Pods that run to their end.
        1  metadata           ObjectMeta               | Standard metadata.
        2  spec               JobSpec                  | What is wanted.
        3  status             JobStatus                | What is.
        JobTemplateSpec | What jobs made by a CronJob look like.
        1  metadata           ObjectMeta               | Labels and annotations.
        2  spec               JobSpec                  | What is wanted.
        JobSpec | What is wanted of a Job.
        1  parallelism        int32? 0.. | So many pods at a time.
        2  completions        int32? 0.. | So many ends in all.
        3  activeDeadlineSeconds int64? 0.. | How long it may take.
        11 podFailurePolicy   json? | What failures mean; kept as it is.
        16 successPolicy      json? notYet | When it is done; kept as it is.
        7  backoffLimit       int32? 0.. | So many failures; 6 by default.
        12 backoffLimitPerIndex int32? 0.. notYet | So many failures an index.
        13 maxFailedIndexes   int32? 0.. notYet | So many failed indexes.
        4  selector           LabelSelector?           | Which pods are its own; set by the server.
        5  manualSelector     bool?                    | The selector is the user's.
        6  template           PodTemplateSpec!         | What the pods look like.
        8  ttlSecondsAfterFinished int32? 0.. | Deleted so long after its end.
        9  completionMode     string? in=Indexed,NonIndexed | NonIndexed or Indexed.
        10 suspend            bool? | Makes no pods for now.
        14 podReplacementPolicy string? in=Failed,TerminatingOrFailed | TerminatingOrFailed or Failed.
        15 managedBy          string? | Another controller.
        JobStatus | What is known of a Job.
        1  conditions         [JobCondition] merge=type | Complete, Failed, Suspended.
        2  startTime          time?                    | From.
        3  completionTime     time?                    | To.
        4  active             int32 0.. | Pods running.
        5  succeeded          int32 0.. | Pods that ended well.
        6  failed             int32 0.. | Pods that did not.
        7  completedIndexes   string                   | 1,3-5
        8  uncountedTerminatedPods UncountedTerminatedPods? | Pods still to be counted.
        9  ready              int32? 0.. | Ready pods.
        10 failedIndexes      string?                  | 1,3-5
        11 terminating        int32? 0.. | Pods that are ending.
        UncountedTerminatedPods | Pods still to be counted.
        1  succeeded          [string]                 | uids.
        2  failed             [string]                 | uids.
        JobCondition | One aspect of a Job's state.
        1  type               string!                  | The aspect.
        2  status             string!                  | True, False or Unknown.
        3  lastProbeTime      time                     | When last looked at.
        4  lastTransitionTime time                     | When status last changed.
        5  reason             string                   | For programs.
        6  message            string                   | For people.
        CronJob* | Jobs at set times.
        1  metadata           ObjectMeta               | Standard metadata.
        2  spec               CronJobSpec              | What is wanted.
        3  status             CronJobStatus            | What is.
        CronJobSpec | What is wanted of a CronJob.
        1  schedule           string! required | Minute, hour, day, month, weekday.
        8  timeZone           string?                  | Of the schedule.
        2  startingDeadlineSeconds int64? 0.. | A start missed for so long is given up.
        3  concurrencyPolicy  string in=Allow,Forbid,Replace | Allow, Forbid or Replace.
        4  suspend            bool?                    | Makes no jobs for now.
        5  jobTemplate        JobTemplateSpec!         | What the jobs look like.
        6  successfulJobsHistoryLimit int32? 0.. | So many to keep; 3 by default.
        7  failedJobsHistoryLimit int32? 0.. | So many to keep; 1 by default.
        CronJobStatus | What is known of a CronJob.
        1  active             [ObjectReference]        | Jobs running.
        4  lastScheduleTime   time?                    | When a job was last made.
        5  lastSuccessfulTime time?                    | When one last ended well.
        """)
}
