/// What the tour applies, as a user would write it.
package enum Manifests {
    package static let web = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, labels: {tour: drydock}}
        spec:
          replicas: 3
          selector: {matchLabels: {app: web}}
          strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
          template:
            metadata: {labels: {app: web, tour: drydock}}
            spec:
              terminationGracePeriodSeconds: 10
              containers:
              - name: web
                image: drydock/web:v1
                ports: [{containerPort: 8080}]
                resources: {requests: {cpu: 100m, memory: 16Mi}, limits: {cpu: 500m, memory: 64Mi}}
                readinessProbe:
                  httpGet: {path: /ready, port: 8080}
                  periodSeconds: 1
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, labels: {tour: drydock}}
        spec:
          selector: {app: web}
          ports: [{port: 80, targetPort: 8080}]
        """

    /// One pod that no Deployment made.
    package static let replicaSet = """
        apiVersion: apps/v1
        kind: ReplicaSet
        metadata: {name: plain, labels: {tour: drydock}}
        spec:
          replicas: 1
          selector: {matchLabels: {app: plain}}
          template:
            metadata: {labels: {app: plain, tour: drydock}}
            spec:
              containers:
              - name: web
                image: drydock/web:v1
                resources: {requests: {cpu: 100m, memory: 16Mi}}
        """

    /// Windows of seconds instead of minutes, so that the tour sees the way back down too.
    package static func autoscaler(of kind: String, _ name: String) -> String {
        """
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        metadata: {name: \(name), labels: {tour: drydock}}
        spec:
          scaleTargetRef: {apiVersion: apps/v1, kind: \(kind), name: \(name)}
          minReplicas: 2
          maxReplicas: 5
          metrics:
          - type: Resource
            resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}
          behavior:
            scaleUp: {stabilizationWindowSeconds: 0}
            scaleDown:
              stabilizationWindowSeconds: 5
              policies: [{type: Percent, value: 100, periodSeconds: 3}]
        """
    }
}
