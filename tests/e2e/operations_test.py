"""docs/operations: the unit file and the image, as far as they can be tried without systemd and Docker."""

import json
import os
import re
import shlex
import signal
import subprocess

from taskrun_harness import ROOT, TASKRUN, RunnerTest, main

OPERATIONS = ROOT / "docs" / "operations"
IMAGES = [OPERATIONS / "Dockerfile", ROOT / "docs" / "examples" / "container" / "Dockerfile"]
# What every image of Debian has.
ESSENTIAL = {"libc6", "libgcc-s1", "libstdc++6"}


def instructions(path):
    """(instruction, its words) of a Dockerfile, line breaks taken out; a JSON array is a list already."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    found = []
    for line in text.splitlines():
        if line.strip():
            name, rest = line.split(None, 1)
            found.append((name, json.loads(rest) if rest.startswith("[") else rest.strip()))
    return found


def libraries_of(binary):
    """The Debian packages that hold what a binary is linked with."""
    linked = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
    packages = set()
    for path in re.findall(r"=> (/\S+)", linked):
        for spelled in (path, os.path.realpath(path), "/usr" + path):
            done = subprocess.run(["dpkg", "-S", spelled], capture_output=True, text=True)
            packages |= {line.split(":")[0] for line in done.stdout.splitlines() if not line.startswith("diversion")}
    return packages


class Unit(RunnerTest):
    def setUp(self):
        super().setUp()
        self.unit = (OPERATIONS / "taskrun@.service").read_text()

    def verify(self, text):
        path = self.write("taskrun@.service", text)
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True)
        return done.stdout + done.stderr

    def test_systemd_finds_nothing_wrong(self):
        self.assertEqual("", self.verify(self.unit.replace("/usr/local/bin/taskrun", TASKRUN)))

    def test_the_check_finds_a_wrong_key(self):
        self.assertIn("WatchdogSecs", self.verify(self.unit.replace("WatchdogSec", "WatchdogSecs")))

    def test_its_commands_are_ones_of_taskrun(self):
        commands = re.findall(r"^Exec\w+=\S*/taskrun (.+)$", self.unit, re.MULTILINE)
        self.assertGreater(len(commands), 0)
        for command in commands:
            words = command.replace("%i", "accounts").split()
            done = self.command(*words, "--help", expect=0)
            for flag in [word for word in words if word.startswith("--")]:
                self.assertIn(f"{flag} ", done.stdout)

    def test_its_exit_codes_are_ones_of_taskrun(self):
        page = self.command("man", expect=0).stdout
        codes = re.search(r"^RestartPreventExitStatus=(.+)$", self.unit, re.MULTILINE).group(1).split()
        for code in codes:
            self.assertIn(f"\\fB{code}\\fR", page)

    def test_the_runner_lives_with_the_directories_that_it_is_given(self):
        self.write("accounts.json", {"version": 1, "tasks": {"task": {"shell": "true"}}})
        command = re.search(r"^ExecStart=\S+ (.+)$", self.unit, re.MULTILINE).group(1).replace("%i", "accounts")
        for name in ("lib", "sockets"):
            (self.directory / name).mkdir(mode=0o700)
        runner = self.launch(command.replace("/etc/taskrun", str(self.directory)).split(),
                             env={"STATE_DIRECTORY": str(self.directory / "lib"),
                                  "RUNTIME_DIRECTORY": str(self.directory / "sockets")})
        started = runner.wait_for("runner_started")
        self.assertEqual("accounts", started["instance"])
        self.assertEqual(str(self.directory / "lib" / "accounts"), started["state"])
        self.assertEqual(str(self.directory / "sockets" / "accounts.sock"), started["socket"])
        runner.stop()


class Image(RunnerTest):
    def test_what_it_copies_is_there(self):
        for image in IMAGES:
            for name, words in instructions(image):
                if name == "COPY" and "--from=" not in words:
                    for source in words.split()[:-1]:
                        self.assertTrue(source.startswith("build/") or (ROOT / source).exists(), (image, source))

    def test_it_installs_what_the_program_is_linked_with(self):
        needed = libraries_of(TASKRUN) - ESSENTIAL
        self.assertGreater(len(needed), 2)
        for image in IMAGES:
            runs = " ".join(words for name, words in instructions(image) if name == "RUN" and isinstance(words, str))
            packages = runs.split("--no-install-recommends")[1].split("&&")[0].split()
            self.assertEqual(set(), {package for package in needed if not package.startswith(("libasan", "libubsan"))}
                             - set(packages), image)

    def test_it_is_built_as_bootstrap_builds(self):
        ours = [words for name, words in instructions(OPERATIONS / "Dockerfile") if name == "RUN" and "./" in words]
        self.assertEqual(["DESTDIR=/stage ./bootstrap.sh install /usr/local"], ours)
        script = (ROOT / "bootstrap.sh").read_text()
        self.assertIn('install) install_release "${2:-/usr/local}"', script)
        subprocess.run(["bash", "-n", ROOT / "bootstrap.sh"], check=True)
        user = [words for name, words in instructions(OPERATIONS / "Dockerfile") if name == "RUN" and "useradd" in words]
        for command in user[0].split("&&"):
            self.assertIn(shlex.split(command)[0], ("useradd", "install"))

    def test_its_commands_start_ask_and_stop_a_runner(self):
        found = instructions(OPERATIONS / "Dockerfile")
        last = dict(found)
        mapped = {}
        for setting in last["ENV"].split():
            name, value = setting.split("=")
            mapped[name] = str(self.directory / value.lstrip("/").replace("/", "-"))
            os.mkdir(mapped[name], 0o700)
        self.assertEqual({"STATE_DIRECTORY", "RUNTIME_DIRECTORY"}, set(mapped))
        self.assertIn(last["VOLUME"][0], last["ENV"])
        manifest = [words.split() for name, words in found if name == "COPY" and words.endswith(".json")][0]
        self.assertEqual(manifest[1], last["CMD"][-1])
        self.assertEqual(["taskrun"], last["ENTRYPOINT"])
        health = json.loads(last["HEALTHCHECK"].split("CMD ")[1])
        self.assertEqual("taskrun", health[0])

        environment = {**mapped, "SCRATCH": str(self.directory)}
        runner = self.launch([*last["CMD"][:-1], ROOT / manifest[0]], env=environment)
        runner.wait_for("run_finished", task="report", outcome="success")
        self.command(*health[1:], env=environment, expect=0)
        runner.signal(getattr(signal, last["STOPSIGNAL"]))
        runner.ends_with(0)
        self.assertNotEqual(0, self.command(*health[1:], env=environment).returncode)


if __name__ == "__main__":
    main()
