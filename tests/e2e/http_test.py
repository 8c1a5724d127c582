"""The built-in `http`: method, URL, body, headers from the environment, expected status, against a real local server."""

from local_server import LocalServer
from taskrun_harness import RunnerTest, main


class Http(RunnerTest):
    def setUp(self):
        super().setUp()
        self.server = LocalServer({"/missing": (404, "not here"), "/made": (201, "made"),
                                   "/moved": (302, "", {"Location": "/hello"}), "/long": (200, "x" * 5000)})
        self.addCleanup(self.server.close)

    def ask(self, path="/", expect=0, task=None, **arguments):
        return self.run_once({"builtin": "http", "with": {"url": self.server.url + path, **arguments}, **(task or {})},
                             expect=expect)

    def test_get(self):
        finished = self.ask("/hello?x=1")
        self.assertEqual([("GET", "/hello?x=1")], [(r.method, r.path) for r in self.server.requests])
        self.assertEqual((200, 4), (finished["result"]["status"], finished["result"]["bytes"]))

    def test_method_body_and_headers(self):
        self.ask("/made", method="PUT", body="text", headers={"X-Kind": "test"})
        request = self.server.requests[0]
        self.assertEqual(("PUT", "text", "test"), (request.method, request.body, request.headers["X-Kind"]))

    def test_headers_from_the_environment(self):
        self.ask(headers_from_env={"Authorization": "TOKEN"}, task={"env": {"TOKEN": "Bearer ${CANARY_SECRET}"}})
        self.assertEqual("Bearer " + self.canary, self.server.requests[0].headers["Authorization"])

    def test_a_header_from_a_variable_that_is_not_set(self):
        finished = self.ask(headers_from_env={"Authorization": "NO_SUCH"}, expect=2)
        self.assertIn("NO_SUCH", finished["stderr"])
        self.assertEqual([], self.server.requests)

    def test_an_unexpected_status_is_a_failure(self):
        finished = self.ask("/missing", expect=1)
        self.assertEqual(("failure", 404), (finished["outcome"], finished["result"]["status"]))

    def test_the_expected_status_is_the_manifests_choice(self):
        self.ask("/missing", expect_status=["404", "500-599"])
        self.ask("/hello", expect=1, expect_status=["404"])

    def test_redirects_only_where_asked(self):
        self.ask("/moved", expect=1)
        self.ask("/moved", follow_redirects=True)
        self.assertEqual(["/moved", "/moved", "/hello"], self.server.paths())

    def test_the_body_on_stdout_only_where_asked(self):
        self.assertEqual("", self.ask("/hello")["stdout"])
        self.assertEqual("fine", self.ask("/hello", print_body=True)["stdout"])
        self.ask("/long", expect=1, max_body="1KiB")

    def test_nobody_there_is_a_failure(self):
        self.server.close()
        finished = self.ask(expect=1)
        self.assertEqual(("failure", None), (finished["outcome"], finished["result"]["status"]))
        self.assertTrue(finished["stderr"])

    def test_a_server_that_never_answers_is_a_timeout(self):
        self.server.release.clear()
        self.assertEqual("timeout", self.ask(expect=124, task={"timeout": "1s"})["outcome"])
        self.assertEqual("failure", self.ask(expect=1, timeout="500ms")["outcome"])

    def test_wrong_arguments_are_mistakes_of_the_manifest(self):
        for arguments in ({}, {"url": 1}, {"url": self.server.url, "methd": "PUT"},
                          {"url": self.server.url, "method": "FETCH"}, {"url": self.server.url, "headers": ["a"]}):
            path = self.manifest({"task": {"builtin": "http", "with": arguments}})
            self.assertRegex(self.command("check", path, expect=78).stderr, r"taskrun\.json:\d+:\d+: error: ")


if __name__ == "__main__":
    main()
