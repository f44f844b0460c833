import LabSelectors
import PartPipe

serve(Selectors())
