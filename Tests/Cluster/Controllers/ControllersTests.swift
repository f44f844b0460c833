import Testing
import Controllers
