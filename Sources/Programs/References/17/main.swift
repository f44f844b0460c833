import PartPipe
import SolutionAutoscaler

serve(Autoscaler(), tests: AutoscalerTests())
