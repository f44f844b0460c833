import ArgumentParser
import Launcher
import Linux

/// The launcher's commands. What they do is in the module Launcher; here are only their words.
struct Lab: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Labs/lab",
        abstract: "The labs, and the mini-cluster that they make.",
        discussion: """
            Each command says more, with an example: Labs/lab up --help

            THE LABS
              Labs/lab list                   which there are, what they take, what earns most next
              Labs/lab start 10               what to read and open, and what to predict
              Labs/lab check 10               what holds, what doesn't and why; watch 10: at every save
              Labs/lab hint 10.2              also: try, replay, diff, reset, progress, blame

            THE CLUSTER
              Labs/lab up                     a cluster of three nodes
              Labs/lab up --mine 10           the same, rolling updates by your part of lab 10
              Labs/lab demo                   a tour that asserts what it tells
              Labs/lab enter node-1           a shell on a node
              Labs/lab down                   stop it; its objects stay
            """,
        subcommands: [
            UpCommand.self, DownCommand.self, StatusCommand.self, LogsCommand.self,
            EnterCommand.self, KillCommand.self, DemoCommand.self, DoctorCommand.self,
            TestCommand.self, BenchCommand.self,
        ])
}

Lab.main()
