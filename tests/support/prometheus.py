"""Prometheus's own programs, and a real server of it that scrapes a runner."""

import http.client
import json
import re
import shutil
import subprocess
import urllib.parse
from pathlib import Path


def program(name):
    """`prometheus` or `promtool`, as ./bootstrap.sh packages leaves it."""
    kept = Path(__file__).resolve().parents[2] / ".tools" / name
    return shutil.which(name) or str(kept)


class Prometheus:
    """A server on the loopback, on a port that it has picked itself; ended by its pid."""

    def __init__(self, directory, target, rules=()):
        self.log = directory / "prometheus.log"
        config = directory / "prometheus.json"  # JSON is YAML
        config.write_text(json.dumps({
            "global": {"scrape_interval": "250ms", "scrape_timeout": "250ms", "evaluation_interval": "250ms"},
            "rule_files": [str(path) for path in rules],
            "scrape_configs": [{"job_name": "taskrun", "static_configs": [{"targets": [target]}]}]}))
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [program("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={directory / 'prometheus'}",
                 "--web.listen-address=127.0.0.1:0"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=directory)

    def port(self):
        """None until it listens."""
        assert self.process.poll() is None, self.log.read_text()
        told = re.search(r'msg="?Listening on"? address=127\.0\.0\.1:(\d+)', self.log.read_text())
        return int(told.group(1)) if told else None

    def ask(self, path, **parameters):
        """The `data` of an answer of its API; None while it does not answer."""
        if self.port() is None:
            return None
        connection = http.client.HTTPConnection("127.0.0.1", self.port(), timeout=30)
        try:
            connection.request("GET", f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
            reply = connection.getresponse()
            body = reply.read()
            return json.loads(body)["data"] if reply.status == 200 else None
        except OSError:
            return None
        finally:
            connection.close()

    def value(self, query):
        """Of an expression with one result or none."""
        data = self.ask("query", query=query)
        found = data["result"] if data else []
        assert len(found) < 2, found
        return float(found[0]["value"][1]) if found else None

    def end(self):
        self.process.terminate()
        self.process.wait(60)
