import JSON
extension Printer {
    static let configMap = nameAndAge, endpoints = nameAndAge, event = nameAndAge, namespace = nameAndAge, node = nameAndAge
    static let persistentVolumeClaim = nameAndAge, pod = nameAndAge, secret = nameAndAge, service = nameAndAge, serviceAccount = nameAndAge
    static let daemonSet = nameAndAge, deployment = nameAndAge, replicaSet = nameAndAge, statefulSet = nameAndAge, autoscaler = nameAndAge
    static let cronJob = nameAndAge, job = nameAndAge, lease = nameAndAge, endpointSlice = nameAndAge, roleBinding = nameAndAge
    static let clusterRole = nameAndAge, role = nameAndAge, metrics = nameAndAge
}
