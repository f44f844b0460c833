import LabRollout
import PartPipe

serve(Rollout())
