"""`taskrun man`: a page that groff formats without a warning, and that has what the program has."""

import re
import subprocess
from pathlib import Path

from taskrun_harness import ROOT, TASKRUN, RunnerTest, main


class ManPage(RunnerTest):
    def page(self):
        return self.command("man", expect=0).stdout

    def test_it_has_every_exit_code_of_the_source(self):
        codes = re.findall(r"inline constexpr int k\w+ = (\d+);", (ROOT / "src/cli/exit_codes.h").read_text())
        self.assertGreater(len(codes), 5)
        for code in codes + ["124", "125", "126", "127", "128+n"]:
            self.assertIn(f".TP\n\\fB{code}\\fR\n", self.page())

    def test_it_is_installed_and_so_are_the_completions(self):
        subprocess.run(["meson", "install", "-C", Path(TASKRUN).parent, "--no-rebuild", "--destdir", self.directory / "to"],
                       check=True, capture_output=True, env=self.environment())
        installed = {path.name: path for path in (self.directory / "to").rglob("*") if path.is_file()}
        self.assertEqual({"taskrun", "taskrun.1", "taskrun.bash", "_taskrun", "taskrun.fish"}, set(installed))
        self.assertEqual(self.page(), installed["taskrun.1"].read_text())

    def test_it_has_every_command_of_the_overview(self):
        overview = self.command("--help", expect=0).stdout
        commands = re.findall(r"^  (\S+)  ", overview.split("commands:\n")[1].split("\n\n")[0], re.MULTILINE)
        self.assertGreater(len(commands), 5)
        for command in commands:
            self.assertRegex(self.page(), rf"\n\.SS\ntaskrun {re.escape(command)}[ \n]".replace(r"\-", r"\\-"))

    def test_groff_finds_nothing_to_warn_about_and_nothing_is_wider_than_80_columns(self):
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-rLL=80n", "-P-cbou"], input=self.page(),
                              capture_output=True, text=True, check=True)
        self.assertEqual("", done.stderr)
        self.assertIn("--containment auto|cgroup|subreaper", done.stdout)
        self.assertIn("taskrun next --cron '30 2 * * *' --timezone Europe/Berlin", done.stdout)
        self.assertEqual([], [line for line in done.stdout.splitlines() if len(line) > 80])


if __name__ == "__main__":
    main()
