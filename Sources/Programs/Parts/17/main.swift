import LabAutoscaler
import PartPipe

serve(Autoscaler(), tests: AutoscalerTests())
