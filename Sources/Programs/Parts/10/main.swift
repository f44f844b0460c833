import LabRollout
import PartPipe

serve(Rollout(), tests: RolloutTests())
