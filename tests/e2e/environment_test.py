"""`env`, `env_file`, `inherit_env`, `TASKRUN_*`, `cwd`, `umask`, `nice`, `limits`, `user`, `group`: what a task finds."""

import grp
import os
import pwd
import re
import unittest

from taskrun_harness import NASTY, RunnerTest, become_nobody, is_root, main, under_both_containments


@under_both_containments
class Environment(RunnerTest):
    def value(self, name, task=None, **options):
        return self.run_once({"shell": f"echo \"${{{name}-unset}}\"", **(task or {})}, **options)["stdout"].rstrip("\n")

    def test_the_later_source_wins(self):
        self.write("settings.env", "FILE=file\nBOTH=file\nALL=file\n")
        task = {"env_file": "settings.env", "env": {"BOTH": "task", "ALL": "task", "TASK": "task"}}
        options = {"top": {"env": {"ALL": "top", "TOP": "top", "FILE": "top"}}, "env": {"ALL": "runner", "RUNNER": "runner"}}
        for name, expected in (("RUNNER", "runner"), ("TOP", "top"), ("FILE", "file"), ("BOTH", "task"), ("ALL", "task"),
                               ("TASK", "task"), ("NOBODY", "unset")):
            self.assertEqual(expected, self.value(name, task, **options), name)

    def test_values_arrive_as_they_are(self):
        value = "a b\n$HOME `x` 'q' \"d\" \\ grün ="
        finished = self.run_once({"command": ["printenv", "V"], "env": {"V": value.replace("$", "$$")}})
        self.assertEqual(value + "\n", finished["stdout"])

    def test_inherit_env_false_keeps_nothing_of_the_runners(self):
        finished = self.run_once({"command": ["/usr/bin/env"], "inherit_env": False, "env": {"OWN": "1"}})
        names = {line.split("=")[0] for line in finished["stdout"].splitlines()}
        self.assertIn("OWN", names)
        self.assertEqual(set(), {n for n in names if n != "OWN" and n != "PATH" and not n.startswith("TASKRUN_")})

    def test_inherit_env_names_what_to_keep(self):
        finished = self.run_once({"command": ["/usr/bin/env"], "inherit_env": ["KEEP", "ABSENT"]},
                                 env={"KEEP": "kept", "DROP": "dropped"})
        self.assertIn("KEEP=kept\n", finished["stdout"])
        self.assertNotIn("DROP", finished["stdout"])
        self.assertNotIn("ABSENT", finished["stdout"])

    def test_the_service_managers_variables_are_never_passed(self):
        variables = {"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1", "LISTEN_FDS": "1",
                     "LISTEN_PID": "1", "LISTEN_FDNAMES": "x"}
        for inherit in ({}, {"inherit_env": list(variables)}):
            finished = self.run_once({"shell": "env | grep -E '^(NOTIFY|WATCHDOG|LISTEN)' || echo none", **inherit},
                                     env=variables)
            self.assertEqual("none\n", finished["stdout"])

    def test_a_task_knows_its_run(self):
        show = "echo $TASKRUN_TASK $TASKRUN_RUN_ID $TASKRUN_ATTEMPT $TASKRUN_TRIGGER $TASKRUN_SCHEDULED_AT"
        finished = self.run_once({"shell": show})
        self.assertEqual(f"task {finished['run_id']} 1 manual {finished['scheduled_at']}\n", finished["stdout"])

    def test_a_task_cannot_lie_about_its_run(self):
        """What the runner tells wins over what the runner's own environment, or the manifest, says."""
        self.assertEqual("task", self.value("TASKRUN_TASK", env={"TASKRUN_TASK": "other"}))

    def test_hook_variables_are_absent_in_a_run(self):
        finished = self.run_once({"shell": "env | grep -E '^TASKRUN_(OUTCOME|EXIT_CODE|SIGNAL|HOOK)=' || echo none"})
        self.assertEqual("none\n", finished["stdout"])

    def test_the_command_is_looked_up_in_the_tasks_path(self):
        self.write("bin/mine", "#!/bin/sh\necho mine\n", mode=0o755)
        self.assertEqual("mine\n", self.run_once({"command": ["mine"], "env": {"PATH": str(self.directory / "bin")}})["stdout"])
        self.run_once({"command": ["mine"]}, expect=127)

    def test_command_and_shell_are_never_interpolated(self):
        self.assertEqual("${HOME} $$x\n", self.run_once({"command": ["echo", "${HOME} $$x"]})["stdout"])
        self.assertEqual("shell\n", self.run_once({"shell": "V=shell; echo ${V}"})["stdout"])

    def test_cwd(self):
        (self.directory / "inner").mkdir()
        self.assertEqual(str(self.directory / "inner"), self.value("PWD", {"cwd": str(self.directory / "inner")}))
        self.assertEqual(str(self.directory), self.value("PWD"))

    def test_a_relative_command_is_found_from_cwd(self):
        self.write("inner/tool", "#!/bin/sh\npwd\n", mode=0o755)
        finished = self.run_once({"command": ["./tool"], "cwd": str(self.directory / "inner")})
        self.assertEqual(f"{self.directory}/inner\n", finished["stdout"])

    def test_umask(self):
        for text, told in (("027", "0027\n"), ("0077", "0077\n"), ("000", "0000\n")):
            self.assertEqual(told, self.run_once({"shell": "umask", "umask": text})["stdout"])

    def test_nice(self):
        own = os.nice(0)
        self.assertEqual(f"{own}\n", self.run_once({"shell": "nice"})["stdout"])
        self.assertEqual("15\n", self.run_once({"shell": "nice", "nice": 15})["stdout"])

    def test_limits(self):
        limits = {"open_files": 77, "processes": 5000, "memory": "512MiB", "cpu": "30s", "file_size": "1MiB", "core": "0"}
        shown = self.run_once({"shell": "ulimit -n; ulimit -p; ulimit -v; ulimit -t; ulimit -f; "
                               "ulimit -c", "limits": limits})["stdout"].split()
        self.assertEqual(["77", "5000", str(512 * 1024), "30", "2048", "0"], shown)

    def test_limits_bite(self):
        finished = self.run_once({"command": [NASTY, "spin"], "limits": {"cpu": "1s"}, "timeout": "1m"}, expect=None)
        self.assertIn(finished["signal"], ("SIGXCPU", "SIGKILL"))
        self.assertEqual("failure", finished["outcome"])
        self.assertGreater(finished["cpu_user_ms"] + finished["cpu_system_ms"], 500)
        finished = self.run_once({"shell": "head -c 2000000 /dev/zero > big", "limits": {"file_size": "1MiB"}}, expect=None)
        self.assertEqual("failure", finished["outcome"])
        self.assertLessEqual((self.directory / "big").stat().st_size, 1 << 20)
        finished = self.run_once({"command": [NASTY, "allocate", "200"], "limits": {"memory": "100MiB"}}, expect=3)
        self.assertEqual(3, finished["exit_code"])

    def test_resource_use_is_told(self):
        finished = self.run_once({"command": [NASTY, "allocate", "60"]})
        self.assertGreater(finished["max_rss_kib"], 60_000)
        self.assertGreater(finished["pid"], 1)


@unittest.skipUnless(is_root(), "needs root")
@under_both_containments
class Users(RunnerTest):
    def test_user_sets_groups_group_and_user(self):
        nobody = pwd.getpwnam("nobody")
        stdout = self.run_once({"shell": "id -u; id -g; id -G; id -un", "user": "nobody"})["stdout"].split("\n")
        self.assertEqual([str(nobody.pw_uid), str(nobody.pw_gid)], stdout[:2])
        self.assertEqual(sorted(map(str, os.getgrouplist("nobody", nobody.pw_gid))), sorted(stdout[2].split()))

    def test_there_is_no_way_back(self):
        stdout = self.run_once({"command": ["grep", "-E", "^(Uid|Gid|Cap(Prm|Eff)):", "/proc/self/status"],
                                "user": "nobody"})["stdout"]
        ids = re.findall(r"^[UG]id:\t(.*)$", stdout, re.MULTILINE)
        self.assertEqual([["65534"] * 4] * 2, [i.split() for i in ids])
        self.assertEqual(["0" * 16] * 2, re.findall(r"^Cap\w+:\t(\w+)$", stdout, re.MULTILINE))

    def test_a_user_by_number_and_a_group_by_name(self):
        daemon = grp.getgrnam("daemon").gr_gid
        stdout = self.run_once({"shell": "id -u; id -g", "user": "65534", "group": "daemon"})["stdout"]
        self.assertEqual(f"65534\n{daemon}\n", stdout)

    def test_the_timeout_holds_for_another_user_too(self):
        once = self.once({"task": {"command": [NASTY, "daemon", "stubborn", "60", "stay"], "user": "nobody",
                                   "timeout": "3s", "grace": "200ms"}}, "task", expect=124)
        self.assertEqual(1, once.wait_for("run_finished")["leftovers_killed"])

    def test_without_root_the_run_does_not_start(self):
        if self.containment == "cgroup":
            self.skipTest("nobody has no control group to write to")
        path = self.manifest({"task": {"command": ["true"], "user": "daemon"}})
        once = self.launch(["once", "task", "-m", path, "--quiet", *self.containment_flags()], before_exec=become_nobody)
        self.assertNotEqual(0, once.wait())
        if once.events():
            self.assertEqual("error", once.wait_for("run_finished")["outcome"])


if __name__ == "__main__":
    main()
