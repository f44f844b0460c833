import Testing
import Client
