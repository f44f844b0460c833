import PartPipe
import SolutionAutoscaler

serve(Autoscaler())
