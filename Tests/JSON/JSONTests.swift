import Testing
import JSON
