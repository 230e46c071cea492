extension Scenario {
    static let all: [Scenario] = [
        Scenario(
            name: "blue-green that succeeds, with requests in flight",
            script: """
                release 1 instances 2 blue-green good
                release 2 instances 2 blue-green good
                deploy 1
                wait rest
                requests every 500ms longest 1500ms
                deploy 2
                wait rest
                """,
            steps: """
                0.000 s  the operator asks to deploy release 1
                0.000 s  decided: deploy release 1
                0.000 s  the router has generation 1 in force: 100% to release 1
                0.550 s  decided: 2 of 2 instances of release 1 healthy: traffic moves
                0.550 s  decided: the router sends all traffic to release 1
                2.550 s  decided: release 1 has succeeded
                2.550 s  rollout 1 of release 1 succeeded
                2.600 s  the operator asks to deploy release 2
                2.600 s  decided: deploy release 2 in place of release 1
                2.600 s  the router has generation 2 in force: 100% to release 1
                3.150 s  decided: 2 of 2 instances of release 2 healthy: traffic moves
                3.150 s  the router has generation 3 in force: 100% to release 2
                3.200 s  decided: the router sends all traffic to release 2
                5.200 s  decided: release 2 has succeeded
                5.200 s  rollout 2 of release 2 succeeded
                8.200 s  the router has generation 4 in force: 100% to release 2
                8.250 s  decided: release 1 has no request in flight: its instances end
                8.250 s  the router has generation 5 in force: 100% to release 2
                8.450 s  the router has generation 6 in force: 100% to release 2
                """),
        Scenario(
            name: "a release that never gets ready goes back at its deadline",
            script: """
                release 1 instances 2 blue-green good
                release 2 instances 2 blue-green never-healthy
                deploy 1
                wait rest
                deploy 2
                wait rest
                """,
            steps: """
                0.000 s  the operator asks to deploy release 1
                0.000 s  decided: deploy release 1
                0.000 s  the router has generation 1 in force: 100% to release 1
                0.550 s  decided: 2 of 2 instances of release 1 healthy: traffic moves
                0.550 s  decided: the router sends all traffic to release 1
                2.550 s  decided: release 1 has succeeded
                2.550 s  rollout 1 of release 1 succeeded
                2.600 s  the operator asks to deploy release 2
                2.600 s  decided: deploy release 2 in place of release 1
                2.600 s  the router has generation 2 in force: 100% to release 1
                22.600 s  decided: only 0 of 2 instances of release 2 were healthy after 20s (L4CON: connection refused)
                22.600 s  decided: release 1 has the traffic again
                22.600 s  rollout 2 of release 2 went back: only 0 of 2 instances of release 2 were healthy after 20s (L4CON: connection refused)
                22.600 s  the router has generation 3 in force: 100% to release 1
                22.650 s  decided: release 2 has no request in flight: its instances end
                22.650 s  the router has generation 4 in force: 100% to release 1
                22.850 s  the router has generation 5 in force: 100% to release 1
                """),
        Scenario(
            name: "a release that dies at once goes back before its deadline, and may be tried again",
            script: """
                release 1 instances 1 blue-green good
                release 2 instances 1 blue-green dies-at-once
                deploy 1
                wait rest
                deploy 2
                wait rest
                deploy 2
                wait rest
                """,
            steps: """
                0.000 s  the operator asks to deploy release 1
                0.000 s  decided: deploy release 1
                0.000 s  the router has generation 1 in force: 100% to release 1
                0.550 s  decided: 1 of 1 instance of release 1 healthy: traffic moves
                0.550 s  decided: the router sends all traffic to release 1
                2.550 s  decided: release 1 has succeeded
                2.550 s  rollout 1 of release 1 succeeded
                2.600 s  the operator asks to deploy release 2
                2.600 s  decided: deploy release 2 in place of release 1
                2.600 s  the router has generation 2 in force: 100% to release 1
                2.650 s  the router has generation 2 in force: 100% to release 1
                3.250 s  the router has generation 2 in force: 100% to release 1
                3.300 s  decided: instances of release 2 ended by themselves 3 times; the last one: exit code 1
                3.300 s  decided: release 1 has the traffic again
                3.300 s  decided: release 2 has no request in flight: its instances end
                3.300 s  rollout 2 of release 2 went back: instances of release 2 ended by themselves 3 times; the last one: exit code 1
                3.300 s  the router has generation 3 in force: 100% to release 1
                3.350 s  the router has generation 4 in force: 100% to release 1
                3.400 s  the operator asks to deploy release 2
                3.400 s  decided: deploy release 2 in place of release 1
                3.400 s  the router has generation 5 in force: 100% to release 1
                3.450 s  the router has generation 5 in force: 100% to release 1
                4.050 s  the router has generation 5 in force: 100% to release 1
                4.100 s  decided: instances of release 2 ended by themselves 3 times; the last one: exit code 1
                4.100 s  decided: release 1 has the traffic again
                4.100 s  decided: release 2 has no request in flight: its instances end
                4.100 s  rollout 5 of release 2 went back: instances of release 2 ended by themselves 3 times; the last one: exit code 1
                4.100 s  the router has generation 6 in force: 100% to release 1
                4.150 s  the router has generation 7 in force: 100% to release 1
                """),
        Scenario(
            name: "a release that gets sick under traffic gives it back",
            script: """
                release 1 instances 1 blue-green good
                release 2 instances 1 blue-green gets-sick
                deploy 1
                wait rest
                deploy 2
                wait rest
                """,
            steps: """
                0.000 s  the operator asks to deploy release 1
                0.000 s  decided: deploy release 1
                0.000 s  the router has generation 1 in force: 100% to release 1
                0.550 s  decided: 1 of 1 instance of release 1 healthy: traffic moves
                0.550 s  decided: the router sends all traffic to release 1
                2.550 s  decided: release 1 has succeeded
                2.550 s  rollout 1 of release 1 succeeded
                2.600 s  the operator asks to deploy release 2
                2.600 s  decided: deploy release 2 in place of release 1
                2.600 s  the router has generation 2 in force: 100% to release 1
                3.150 s  decided: 1 of 1 instance of release 2 healthy: traffic moves
                3.150 s  the router has generation 3 in force: 100% to release 2
                3.200 s  decided: the router sends all traffic to release 2
                4.600 s  decided: no instance of release 2 is healthy any more: L4CON: connection refused
                4.600 s  the router has generation 4 in force: 100% to release 1
                4.650 s  decided: release 1 has the traffic again
                4.650 s  decided: release 2 has no request in flight: its instances end
                4.650 s  rollout 2 of release 2 went back: no instance of release 2 is healthy any more: L4CON: connection refused
                4.650 s  the router has generation 5 in force: 100% to release 1
                4.850 s  the router has generation 6 in force: 100% to release 1
                """),
        Scenario(
            name: "a newer deployment takes the place of one that starts",
            script: """
                release 1 instances 1 blue-green good
                release 2 instances 1 blue-green slow
                release 3 instances 1 blue-green good
                deploy 1
                wait rest
                deploy 2
                wait 1s
                deploy 3
                wait rest
                """,
            steps: """
                0.000 s  the operator asks to deploy release 1
                0.000 s  decided: deploy release 1
                0.000 s  the router has generation 1 in force: 100% to release 1
                0.550 s  decided: 1 of 1 instance of release 1 healthy: traffic moves
                0.550 s  decided: the router sends all traffic to release 1
                2.550 s  decided: release 1 has succeeded
                2.550 s  rollout 1 of release 1 succeeded
                2.600 s  the operator asks to deploy release 2
                2.600 s  decided: deploy release 2 in place of release 1
                2.600 s  the router has generation 2 in force: 100% to release 1
                3.600 s  the operator asks to deploy release 3
                3.600 s  decided: the rollout of release 2 gives way to release 3
                3.600 s  decided: deploy release 3 in place of release 1
                3.600 s  rollout 2 of release 2 gave way to release 3
                3.600 s  the router has generation 3 in force: 100% to release 1
                3.650 s  decided: release 2 has no request in flight: its instances end
                3.650 s  the router has generation 4 in force: 100% to release 1
                3.850 s  the router has generation 5 in force: 100% to release 1
                4.150 s  decided: 1 of 1 instance of release 3 healthy: traffic moves
                4.150 s  the router has generation 6 in force: 100% to release 3
                4.200 s  decided: the router sends all traffic to release 3
                6.200 s  decided: release 3 has succeeded
                6.200 s  rollout 3 of release 3 succeeded
                9.200 s  the router has generation 7 in force: 100% to release 3
                9.250 s  decided: release 1 has no request in flight: its instances end
                9.250 s  the router has generation 8 in force: 100% to release 3
                9.450 s  the router has generation 9 in force: 100% to release 3
                """),
        Scenario(
            name: "a warm rollback is one change of the split",
            script: """
                release 1 instances 2 blue-green good
                release 2 instances 2 blue-green good
                deploy 1
                wait rest
                deploy 2
                wait 4s
                rollback 1
                wait rest
                """,
            steps: """
                0.000 s  the operator asks to deploy release 1
                0.000 s  decided: deploy release 1
                0.000 s  the router has generation 1 in force: 100% to release 1
                0.550 s  decided: 2 of 2 instances of release 1 healthy: traffic moves
                0.550 s  decided: the router sends all traffic to release 1
                2.550 s  decided: release 1 has succeeded
                2.550 s  rollout 1 of release 1 succeeded
                2.600 s  the operator asks to deploy release 2
                2.600 s  decided: deploy release 2 in place of release 1
                2.600 s  the router has generation 2 in force: 100% to release 1
                3.150 s  decided: 2 of 2 instances of release 2 healthy: traffic moves
                3.150 s  the router has generation 3 in force: 100% to release 2
                3.200 s  decided: the router sends all traffic to release 2
                5.200 s  decided: release 2 has succeeded
                5.200 s  rollout 2 of release 2 succeeded
                6.600 s  the operator asks to rollback release 1
                6.600 s  decided: rollback release 1 in place of release 2
                6.600 s  decided: 2 of 2 instances of release 1 healthy: traffic moves
                6.600 s  the router has generation 4 in force: 100% to release 1
                6.650 s  decided: the router sends all traffic to release 1
                6.650 s  decided: release 1 has succeeded
                6.650 s  rollout 4 of release 1 succeeded
                11.650 s  the router has generation 5 in force: 100% to release 1
                11.700 s  decided: release 2 has no request in flight: its instances end
                11.700 s  the router has generation 6 in force: 100% to release 1
                11.900 s  the router has generation 7 in force: 100% to release 1
                """),
        Scenario(
            name: "recreate ends the old release before it starts the new one",
            script: """
                release 1 instances 1 recreate good
                release 2 instances 1 recreate good
                deploy 1
                wait rest
                deploy 2
                wait rest
                """,
            steps: """
                0.000 s  the operator asks to deploy release 1
                0.000 s  decided: deploy release 1
                0.000 s  the router has generation 1 in force: 100% to release 1
                0.550 s  decided: 1 of 1 instance of release 1 healthy: traffic moves
                0.550 s  decided: the router sends all traffic to release 1
                2.550 s  decided: release 1 has succeeded
                2.550 s  rollout 1 of release 1 succeeded
                2.600 s  the operator asks to deploy release 2
                2.600 s  decided: deploy release 2 in place of release 1
                2.600 s  decided: drain and end the old release first: recreate
                2.600 s  the router has generation 2 in force: no traffic
                2.650 s  decided: release 1 has no request in flight: its instances end
                2.650 s  the router has generation 3 in force: no traffic
                2.850 s  decided: release 1 has ended
                2.850 s  the router has generation 4 in force: 100% to release 2
                3.400 s  decided: 1 of 1 instance of release 2 healthy: traffic moves
                3.400 s  decided: the router sends all traffic to release 2
                5.400 s  decided: release 2 has succeeded
                5.400 s  rollout 2 of release 2 succeeded
                """),
        Scenario(
            name: "recreate that fails ends the new release before it starts the old one again",
            script: """
                release 1 instances 1 recreate good
                release 2 instances 1 recreate cannot-start
                deploy 1
                wait rest
                deploy 2
                wait rest
                """,
            steps: """
                0.000 s  the operator asks to deploy release 1
                0.000 s  decided: deploy release 1
                0.000 s  the router has generation 1 in force: 100% to release 1
                0.550 s  decided: 1 of 1 instance of release 1 healthy: traffic moves
                0.550 s  decided: the router sends all traffic to release 1
                2.550 s  decided: release 1 has succeeded
                2.550 s  rollout 1 of release 1 succeeded
                2.600 s  the operator asks to deploy release 2
                2.600 s  decided: deploy release 2 in place of release 1
                2.600 s  decided: drain and end the old release first: recreate
                2.600 s  the router has generation 2 in force: no traffic
                2.650 s  decided: release 1 has no request in flight: its instances end
                2.650 s  the router has generation 3 in force: no traffic
                2.850 s  decided: release 1 has ended
                2.850 s  the router has generation 4 in force: 100% to release 2
                2.900 s  decided: no instance of release 2 can start: the image is gone
                2.900 s  decided: release 2 has no request in flight: its instances end
                2.900 s  the router has generation 5 in force: no traffic
                2.950 s  the router has generation 6 in force: 100% to release 1
                3.500 s  decided: release 1 has the traffic again
                3.500 s  rollout 2 of release 2 went back: no instance of release 2 can start: the image is gone
                3.500 s  the router has generation 7 in force: 100% to release 1
                """),
        Scenario(
            name: "a first deployment that fails leaves nothing",
            script: """
                release 1 instances 1 blue-green cannot-start
                deploy 1
                wait rest
                """,
            steps: """
                0.000 s  the operator asks to deploy release 1
                0.000 s  decided: deploy release 1
                0.000 s  the router has generation 1 in force: 100% to release 1
                0.050 s  decided: no instance of release 1 can start: the image is gone
                0.050 s  the router has generation 2 in force: no traffic
                0.100 s  decided: nothing runs: there is no release to go back to
                0.100 s  decided: release 1 has no request in flight: its instances end
                0.100 s  rollout 1 of release 1 went back: no instance of release 1 can start: the image is gone
                0.100 s  the router has generation 3 in force: no traffic
                0.150 s  the router has generation 4 in force: no traffic
                """),
        Scenario(
            name: "a router that restarts in the soak, and a machine that reboots, fail nothing",
            script: """
                release 1 instances 1 blue-green good
                release 2 instances 1 blue-green good
                deploy 1
                wait rest
                deploy 2
                wait 1s
                router restarts
                wait rest
                reboot
                wait 2s
                wait rest
                """,
            steps: """
                0.000 s  the operator asks to deploy release 1
                0.000 s  decided: deploy release 1
                0.000 s  the router has generation 1 in force: 100% to release 1
                0.550 s  decided: 1 of 1 instance of release 1 healthy: traffic moves
                0.550 s  decided: the router sends all traffic to release 1
                2.550 s  decided: release 1 has succeeded
                2.550 s  rollout 1 of release 1 succeeded
                2.600 s  the operator asks to deploy release 2
                2.600 s  decided: deploy release 2 in place of release 1
                2.600 s  the router has generation 2 in force: 100% to release 1
                3.150 s  decided: 1 of 1 instance of release 2 healthy: traffic moves
                3.150 s  the router has generation 3 in force: 100% to release 2
                3.200 s  decided: the router sends all traffic to release 2
                3.600 s  the router restarted
                3.600 s  the router has generation 3 in force: 100% to release 2
                5.200 s  decided: release 2 has succeeded
                5.200 s  rollout 2 of release 2 succeeded
                8.200 s  the router has generation 4 in force: 100% to release 2
                8.250 s  decided: release 1 has no request in flight: its instances end
                8.250 s  the router has generation 5 in force: 100% to release 2
                8.450 s  the router has generation 6 in force: 100% to release 2
                8.500 s  the router restarted
                8.500 s  the router has generation 6 in force: 100% to release 2
                8.500 s  the router has generation 6 in force: 100% to release 2
                """),
        Scenario(
            name: "a daemon that dies goes on where it was",
            script: """
                release 1 instances 1 blue-green good
                deploy 1
                daemon dies
                wait 3s
                wait rest
                """,
            steps: """
                0.000 s  the operator asks to deploy release 1
                0.000 s  decided: deploy release 1
                0.000 s  the daemon dies before it carried its decision out
                0.000 s  the router has generation 1 in force: 100% to release 1
                0.550 s  decided: 1 of 1 instance of release 1 healthy: traffic moves
                0.550 s  decided: the router sends all traffic to release 1
                2.550 s  decided: release 1 has succeeded
                2.550 s  rollout 1 of release 1 succeeded
                """),
    ]
}
