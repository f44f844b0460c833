import Testing
import Kubelet
