import PartPipe
import SolutionRollout

serve(Rollout())
