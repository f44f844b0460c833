import PartPipe
import SolutionOverlay

serve(Overlay(), tests: OverlayRulesTests())
