import PartPipe
import SolutionRollout

serve(Rollout(), tests: RolloutTests())
