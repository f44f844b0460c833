import LabOverlay
import PartPipe

serve(Overlay())
