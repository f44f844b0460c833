import Testing
import APIServer
