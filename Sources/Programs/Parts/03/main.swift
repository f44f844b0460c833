import LabOverlay
import PartPipe

serve(Overlay(), tests: OverlayRulesTests())
