import Testing
import Kinds
