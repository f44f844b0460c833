import LabAutoscaler
import PartPipe

serve(Autoscaler())
