import Testing
import PartPipe
