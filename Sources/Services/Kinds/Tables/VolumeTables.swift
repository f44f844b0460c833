// Volumes that pods mount. Source of numbers: k8s.io/api, core/v1/generated.proto.
// The drivers of single vendors that Kubernetes has removed (flocker, quobyte, …) are left out.

extension FieldTables {
    static let volumes = FieldTable(
        "io.k8s.api.core.v1",
        """
        Volume | A named source of files; one of these.
        1    name              string! required is=label | What volumeMounts call it.
        2.1  hostPath          HostPathVolumeSource?    | A path on the node.
        2.2 emptyDir EmptyDirVolumeSource? | An empty directory that lives as long as the pod.
        2.3  gcePersistentDisk json? notYet | Removed from Kubernetes; kept as it is.
        2.4  awsElasticBlockStore json? notYet | Removed from Kubernetes; kept as it is.
        2.6  secret            SecretVolumeSource?      | A Secret's keys as files.
        2.7  nfs               NFSVolumeSource? notYet | A directory of an NFS server.
        2.8  iscsi             ISCSIVolumeSource? notYet | A disk of an iSCSI target.
        2.10 persistentVolumeClaim PersistentVolumeClaimVolumeSource? | What a claim got.
        2.16 downwardAPI       DownwardAPIVolumeSource? | The pod's own fields as files.
        2.17 fc                FCVolumeSource? notYet | A Fibre Channel disk.
        2.19 configMap         ConfigMapVolumeSource?   | A ConfigMap's keys as files.
        2.26 projected         ProjectedVolumeSource? | Several of these in one directory.
        2.28 csi CSIVolumeSource? notYet | A volume that a CSI driver makes for the pod.
        2.29 ephemeral         EphemeralVolumeSource? notYet | A claim that lives as long as the pod.
        2.30 image             ImageVolumeSource? notYet | The files of an image.
        HostPathVolumeSource | A path on the node.
        1    path              string! required is=noBackstep | The path.
        2 type string? in=BlockDevice,CharDevice,Directory,DirectoryOrCreate,File,FileOrCreate,Socket | What must be there: Directory, DirectoryOrCreate, …
        EmptyDirVolumeSource | An empty directory.
        1    medium            string                   | Memory: a tmpfs.
        2    sizeLimit         quantity? is=amount | How much it may hold.
        SecretVolumeSource | A Secret as files.
        1    secretName        string required | Its name.
        2    items             [KeyToPath]              | Only these keys.
        3    defaultMode       int32? is=mode | Permissions; 420 is 0644.
        4    optional          bool?                    | It need not exist.
        NFSVolumeSource | A directory of an NFS server.
        1    server            string! required | The server.
        2    path              string! required is=absolute | The directory.
        3    readOnly          bool                     | May not be written.
        ISCSIVolumeSource | A disk of an iSCSI target.
        1    targetPortal      string! required | Address and port.
        2    iqn               string! required | The target's name.
        3    lun               int32! 0..255 | The disk's number.
        4    iscsiInterface    string                   | The interface's name.
        5    fsType            string                   | Its file system.
        6    readOnly          bool                     | May not be written.
        7    portals           [string]                 | Further addresses.
        8    chapAuthDiscovery bool                     | Authenticate discovery.
        11   chapAuthSession   bool                     | Authenticate sessions.
        10   secretRef         LocalObjectReference?    | With this Secret.
        12   initiatorName     string?                  | Our name.
        FCVolumeSource | A Fibre Channel disk.
        1    targetWWNs        [string]                 | The target's names.
        2    lun               int32?                   | The disk's number.
        3    fsType            string                   | Its file system.
        4    readOnly          bool                     | May not be written.
        5    wwids             [string]                 | Or the disk's world wide ids.
        PersistentVolumeClaimVolumeSource | What a claim got.
        1    claimName         string! required | The claim.
        2    readOnly          bool                     | May not be written.
        DownwardAPIVolumeSource | The pod's own fields as files.
        1    items             [DownwardAPIVolumeFile]  | The files.
        2    defaultMode       int32? is=mode | Permissions; 420 is 0644.
        DownwardAPIVolumeFile | A field of the pod as a file.
        1    path              string! required is=relative | The file.
        2    fieldRef          ObjectFieldSelector?     | A field.
        3    resourceFieldRef  ResourceFieldSelector?   | Or a limit or request.
        4    mode              int32? is=mode | Its permissions.
        ConfigMapVolumeSource | A ConfigMap as files.
        1.1  name              string required | Its name.
        2    items             [KeyToPath]              | Only these keys.
        3    defaultMode       int32? is=mode | Permissions; 420 is 0644.
        4    optional          bool?                    | It need not exist.
        KeyToPath | A key as a file.
        1    key               string! required is=configKey | The key.
        2    path              string! required is=relative | The file; relative, no "..".
        3    mode              int32? is=mode | Its permissions.
        ProjectedVolumeSource | Several sources in one directory.
        1    sources           [VolumeProjection]       | The sources.
        2    defaultMode       int32? is=mode | Permissions; 420 is 0644.
        VolumeProjection | One source; one of these.
        1    secret            SecretProjection?        | A Secret.
        2    downwardAPI       DownwardAPIProjection?   | Fields of the pod.
        3    configMap         ConfigMapProjection?     | A ConfigMap.
        4    serviceAccountToken ServiceAccountTokenProjection? | A token.
        5 clusterTrustBundle json? notYet | Certificates of authorities; kept as it is.
        6    podCertificate    json? notYet | A certificate for the pod; kept as it is.
        SecretProjection | A Secret as files.
        1.1  name              string required | Its name.
        2    items             [KeyToPath]              | Only these keys.
        4    optional          bool?                    | It need not exist.
        DownwardAPIProjection | Fields of the pod as files.
        1    items             [DownwardAPIVolumeFile]  | The files.
        ConfigMapProjection | A ConfigMap as files.
        1.1  name              string required | Its name.
        2    items             [KeyToPath]              | Only these keys.
        4    optional          bool?                    | It need not exist.
        ServiceAccountTokenProjection | A token as a file.
        1    audience          string                   | Whom it is for.
        2    expirationSeconds int64? 600..4294967296 | How long it is good for; 3600 by default.
        3    path              string! required is=relative | The file.
        CSIVolumeSource | A volume that a CSI driver makes for the pod.
        1    driver            string! required | The driver.
        2    readOnly          bool?                    | May not be written.
        3    fsType            string?                  | Its file system.
        4    volumeAttributes  {string}                 | What the driver is told.
        5    nodePublishSecretRef LocalObjectReference? | A Secret for the driver.
        EphemeralVolumeSource | A claim that lives as long as the pod.
        1    volumeClaimTemplate PersistentVolumeClaimTemplate? required | The claim.
        ImageVolumeSource | The files of an image.
        1    reference         string                   | The image.
        2    pullPolicy        string in=Always,IfNotPresent,Never | When to pull it.
        PersistentVolumeClaimTemplate | What a claim made for a pod looks like.
        1    metadata          ObjectMeta               | Labels and annotations.
        2    spec              PersistentVolumeClaimSpec | What is wanted.
        PersistentVolumeClaim* | A wish for storage.
        1    metadata          ObjectMeta               | Standard metadata.
        2    spec              PersistentVolumeClaimSpec | What is wanted.
        3    status            PersistentVolumeClaimStatus | What is.
        PersistentVolumeClaimSpec | What is wanted of storage.
        1 accessModes [string] required in=ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod | ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod.
        4    selector          LabelSelector?           | Only volumes with these labels.
        2    resources         VolumeResourceRequirements | How much.
        3    volumeName        string                   | The volume it is bound to.
        5    storageClassName  string?                  | The class.
        6    volumeMode        string? in=Block,Filesystem | Filesystem or Block.
        7    dataSource        TypedLocalObjectReference? | What to copy.
        8    dataSourceRef     TypedObjectReference?    | What to copy, from anywhere.
        9    volumeAttributesClassName string?          | Properties that may change.
        VolumeResourceRequirements | How much storage.
        1    limits            {quantity}               | No more than this.
        2    requests          {quantity}               | At least this.
        PersistentVolumeClaimStatus | What is known of a claim.
        1    phase             string                   | Pending, Bound or Lost.
        2    accessModes       [string]                 | What it has.
        3    capacity          {quantity}               | How much it has.
        4    conditions        [PersistentVolumeClaimCondition] merge=type | Resizing, say.
        5    allocatedResources {quantity}              | Promised while resizing.
        7    allocatedResourceStatuses {string}         | How resizing goes.
        PersistentVolumeClaimCondition | One aspect of a claim's state.
        1    type              string!                  | The aspect.
        2    status            string!                  | True, False or Unknown.
        3    lastProbeTime     time                     | When last looked at.
        4    lastTransitionTime time                    | When status last changed.
        5    reason            string                   | For programs.
        6    message           string                   | For people.
        """)
}
