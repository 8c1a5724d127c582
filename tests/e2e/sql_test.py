"""The built-in `sql`: statements in one transaction, their rows as JSON lines or CSV, on both databases."""

import csv
import io
import json
import subprocess

from databases import OnPostgresql, OnSqlite
from postgresql_server import PostgresqlServer
from taskrun_harness import SANITIZED, TASKRUN, RunnerTest, main


class Sql:
    def setUp(self):
        super().setUp()
        self.database = self.make_database()
        self.database.sql("CREATE TABLE t (a BIGINT PRIMARY KEY, b TEXT UNIQUE)")

    def run_sql(self, *statements, expect=0, env=None, **more):
        more = {"statements": statements, **more}
        quoted = json.loads(json.dumps(more).replace("$", "$$"))  # a manifest's own dollars
        task = {"builtin": "sql", "output": {"limit": "64KiB"}, "with": {"database": self.database.url, **quoted}}
        return self.run_once(task, expect=expect, env=env)

    def rows(self, *statements, **more):
        return [json.loads(line) for line in self.run_sql(*statements, **more)["stdout"].splitlines()]

    def content(self):
        return self.database.sql("SELECT a, b FROM t ORDER BY a")

    def test_rows_are_json_lines(self):
        self.database.sql("INSERT INTO t VALUES (1, 'x'), (2, NULL), (9223372036854775807, 'a \"b\" \\ \n é')")
        finished = self.run_sql("SELECT a, b, a > 1 AS c, 0.5 AS d FROM t ORDER BY a")
        rows = [json.loads(line) for line in finished["stdout"].splitlines()]
        self.assertEqual([(1, "x"), (2, None), (9223372036854775807, 'a "b" \\ \n é')], [(r["a"], r["b"]) for r in rows])
        self.assertEqual(["a", "b", "c", "d"], list(rows[0]))
        self.assertEqual([(0, 0.5), (1, 0.5)], [(int(r["c"]), r["d"]) for r in rows[:2]])
        self.assertEqual({"rows": 3, "changed": 0}, finished["result"])
        self.assertIn("9223372036854775807", finished["stdout"])

    def test_rows_are_csv(self):
        self.database.sql("INSERT INTO t VALUES (1, 'x,y'), (2, NULL), (3, ''), (4, 'a \"b\"')")
        text = self.run_sql("SELECT a, b FROM t ORDER BY a", "SELECT count(*) AS n FROM t", format="csv")["stdout"]
        self.assertEqual('a,b\n1,"x,y"\n2,\n3,""\n4,"a ""b"""\nn\n4\n', text)
        self.assertEqual(["4", 'a "b"'], list(csv.reader(io.StringIO(text)))[4])

    def test_csv_has_its_line_of_names_without_rows_too(self):
        finished = self.run_sql("SELECT a, b FROM t", "INSERT INTO t VALUES (1, 'x')", "DELETE FROM t WHERE a = 2 RETURNING a",
                                format="csv")
        self.assertEqual("a,b\na\n", finished["stdout"])
        self.assertEqual({"rows": 0, "changed": 1}, finished["result"])

    def test_a_statement_that_ends_the_transaction_fails_the_run(self):
        for statements in (["COMMIT"], ["ROLLBACK"], ["INSERT INTO t VALUES (1, 'x')", "ROLLBACK", "BEGIN"]):
            finished = self.run_sql(*statements, expect=1)
            self.assertIn("ended the transaction that it shares", finished["stderr"])
            self.assertNotIn("result", finished)
        self.assertEqual([], self.content())

    def test_what_only_reads_is_not_made_to_write(self):
        insert = "INSERT INTO t VALUES (1, 'x')"
        for begin in (["SET TRANSACTION READ WRITE"], ["ROLLBACK", "BEGIN"], ["PRAGMA query_only = 0"]):
            self.run_sql(*begin, insert, expect=1, read_only=True)
        self.assertEqual([], self.content())

    def test_values_are_never_taken_for_sql(self):
        hostile = "x'); DROP TABLE t; --"
        finished = self.run_sql("INSERT INTO t SELECT 1, $2 WHERE $1 = 'other'", "INSERT INTO t SELECT 2, $1",
                                "SELECT b FROM t WHERE b IN ($2) AND b <> $1", values=["other", hostile])
        self.assertEqual({"rows": 1, "changed": 2}, finished["result"])
        self.assertEqual([["1", hostile], ["2", "other"]], self.content())

    def test_rows_that_a_change_returns_are_both(self):
        finished = self.run_sql("INSERT INTO t VALUES (1, 'x'), (2, 'y') RETURNING a", "UPDATE t SET b = 'z' WHERE a = 1")
        self.assertEqual('{"a":1}\n{"a":2}\n', finished["stdout"])
        self.assertEqual({"rows": 2, "changed": 3}, finished["result"])

    def test_it_is_all_or_nothing(self):
        finished = self.run_sql("INSERT INTO t VALUES (1, 'x')", "INSERT INTO t VALUES (2, 'x')", expect=1)
        self.assertIn("sql: cannot ", finished["stderr"])
        self.assertNotIn("result", finished)
        self.assertEqual([], self.content())

    def test_a_script_comes_first_and_belongs_to_it(self):
        self.write("seed.sql", "INSERT INTO t VALUES (1, 'x');\n-- a comment; with a semicolon\nINSERT INTO t VALUES (2, ';');\n")
        self.assertEqual([{"n": 2}], self.rows("SELECT count(*) AS n FROM t", script="seed.sql"))
        self.run_sql("SELECT no_such_column FROM t", script="seed.sql", expect=1)
        self.assertEqual([["1", "x"], ["2", ";"]], self.content())
        finished = self.run_sql("SELECT 1", script="none.sql", expect=1)
        self.assertIn("cannot open 'none.sql'", finished["stderr"])

    def test_a_script_with_a_zero_byte_is_refused_and_not_cut_there(self):
        self.write("cut.sql", "INSERT INTO t VALUES (1, 'x');\0\nINSERT INTO t VALUES (2, 'y');\n")
        self.assertIn("the script has a zero byte in it", self.run_sql(script="cut.sql", expect=1)["stderr"])
        self.assertEqual([], self.content())

    def test_one_that_only_reads_cannot_write(self):
        finished = self.run_sql("INSERT INTO t VALUES (1, 'x')", expect=1, read_only=True)
        self.assertIn("read", finished["stderr"])
        self.assertEqual([{"n": 0}], self.rows("SELECT count(*) AS n FROM t", read_only=True))
        self.assertEqual([], self.content())

    def test_what_cannot_be_said_is_told(self):
        for statement, why in (("SELECT 1; SELECT 2", "cannot"), ("SELECT $1", "a parameter of it has no value"),
                               ("SELEC 1", "syntax error"), ("SELECT * FROM none", "none"),
                               ("SELECT 1 AS a, 2 AS a", "two columns are named 'a'")):
            self.assertIn(why, self.run_sql(statement, expect=1)["stderr"], statement)

    def test_many_rows_go_out_one_by_one(self):
        many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT i FROM n"
        finished = self.run_sql(many)
        self.assertEqual(200_000, finished["result"]["rows"])
        self.assertTrue(finished["stdout"].endswith('{"i":200000}\n'))
        if not SANITIZED:
            self.assertLess(finished["max_rss_kib"], 60_000)

    def test_mistakes_are_told_before_anything_runs(self):
        for arguments, why in (({}, "nothing to do"), ({"statements": ["x"], "format": "xml"}, '"json", "csv"'),
                               ({"statements": ["x"], "read_only": True, "create": True}, "makes no sense")):
            path = self.manifest({"t": {"builtin": "sql", "with": {"database": self.database.url, **arguments}}})
            self.assertIn(why, self.command("check", path, expect=78).stderr)


class SqlOnSqlite(OnSqlite, Sql, RunnerTest):
    def test_bytes_and_numbers_that_json_has_not(self):
        self.assertEqual([{"a": "\\x00ff", "b": "inf", "c": "\ufffd"}],
                         self.rows("SELECT x'00ff' AS a, 9e999 AS b, cast(x'ff' AS TEXT) AS c"))

    def test_a_value_is_in_no_message(self):
        finished = self.run_sql("SELECT json_extract('{}', $1)", values=["canary-5f1c"], expect=1)
        self.assertIn("/test.db': ", finished["stderr"])
        self.assertNotIn("canary", finished["stderr"])

    def test_a_file_is_made_only_where_that_was_asked_for(self):
        self.database.url = "sqlite:new.db"
        self.run_sql("CREATE TABLE t (a)", expect=1)
        self.assertFalse((self.directory / "new.db").exists())
        self.run_sql("CREATE TABLE t (a)", create=True)
        self.assertEqual([], self.rows("SELECT * FROM t"))


class SqlOnPostgresql(OnPostgresql, Sql, RunnerTest):
    def test_types_that_json_has_and_those_it_has_not(self):
        self.assertEqual([{"a": True, "b": 1.25, "c": "NaN", "d": "\\x00ff", "e": "2026-01-02", "f": '{"x": 1}', "g": 3}],
                         self.rows("SELECT true AS a, 1.25::numeric AS b, 'NaN'::float8 AS c, '\\x00ff'::bytea AS d, "
                                   "date '2026-01-02' AS e, '{\"x\": 1}'::jsonb AS f, 3::smallint AS g"))

    def test_a_value_with_a_zero_byte_is_refused_and_not_cut_there(self):
        arguments = {"database": self.database.url, "statements": ["INSERT INTO t VALUES (1, $1)"], "values": ["a\0b"]}
        done = subprocess.run([TASKRUN, "exec-builtin", "sql"], input=json.dumps(arguments), text=True, timeout=60,
                              capture_output=True, cwd=self.directory, env=self.environment({}))
        self.assertEqual(1, done.returncode)
        self.assertIn("a value has a zero byte in it", done.stderr)
        self.assertEqual([], self.content())

    def test_what_a_with_changes_before_a_select_is_not_counted(self):
        self.database.sql("INSERT INTO t VALUES (1, 'x'), (2, 'y')")
        finished = self.run_sql("WITH d AS (DELETE FROM t WHERE a = 1 RETURNING a) SELECT a FROM d",
                                "WITH s AS (SELECT 2 AS a) DELETE FROM t USING s WHERE t.a = s.a")
        self.assertEqual({"rows": 1, "changed": 1}, finished["result"])
        self.assertEqual([], self.content())

    def test_bytes_are_spelled_the_same_whatever_the_server_prefers(self):
        self.database.sql(f"ALTER DATABASE {self.database.name} SET bytea_output = 'escape'")
        self.assertEqual([{"a": "\\x61ff"}], self.rows("SELECT '\\x61ff'::bytea AS a"))

    def test_notices_do_not_stand_among_the_rows(self):
        finished = self.run_sql("DROP TABLE IF EXISTS none", "SELECT 1 AS a")
        self.assertEqual('{"a":1}\n', finished["stdout"])
        self.assertNotIn("NOTICE", finished["stderr"])

    def test_a_copy_to_or_from_us_is_refused_and_not_waited_for(self):
        for statement in ("COPY t TO STDOUT", "COPY t FROM STDIN"):
            self.assertIn("COPY from or to the client", self.run_sql(statement, expect=1)["stderr"])
            self.write("copy.sql", statement)
            self.assertIn("COPY from or to the client", self.run_sql(script="copy.sql", expect=1)["stderr"])

    def test_a_server_that_goes_away_is_told(self):
        finished = self.run_sql("SELECT pg_terminate_backend(pg_backend_pid())", expect=1)
        self.assertIn("sql: cannot use 'postgresql:///", finished["stderr"])


class Passwords(RunnerTest):
    """S1: the password reaches the server, and nobody else."""

    @classmethod
    def setUpClass(cls):
        cls.password = "canary-pg-5f1c"
        cls.server = PostgresqlServer(cls.password)
        cls.addClassCleanup(cls.server.close)

    def task(self, url=None, **more):
        return {"builtin": "sql", **more,
                "with": {"database": url or self.server.tcp_url(), "statements": ["SELECT 1 AS one"]}}

    def ran(self, task, expect=0, **options):
        """A run's line; nothing that it wrote shows the password."""
        once = self.once({"task": task}, "task", expect=expect, **options)
        self.assertNotIn(self.password, once.stdout_text + once.stderr_text)
        return once.wait_for("run_finished", task="task", final=True)

    def test_it_comes_from_the_environment(self):
        self.assertEqual('{"one":1}\n', self.ran(self.task(), env={"PGPASSWORD": self.password})["stdout"])
        self.assertEqual('{"one":1}\n', self.ran(self.task(env={"PGPASSWORD": self.password}))["stdout"])

    def test_it_comes_from_a_passfile(self):
        passfile = self.write("passfile", f"127.0.0.1:*:*:owner:{self.password}\n", mode=0o600)
        self.assertEqual('{"one":1}\n', self.ran(self.task(env={"PGPASSFILE": str(passfile)}))["stdout"])
        self.assertEqual('{"one":1}\n', self.ran(self.task(f"{self.server.tcp_url()}?passfile={passfile}"))["stdout"])

    def test_one_that_is_wrong_is_told_and_not_shown(self):
        finished = self.ran(self.task(), expect=1, env={"PGPASSWORD": self.password + "x"})
        self.assertIn('password authentication failed for user "*"', finished["stderr"])
        self.assertIn("sql: cannot reach 'postgresql://127.0.0.1:", finished["stderr"])

    def test_in_a_url_it_is_refused_before_anything_runs(self):
        for url in (f"postgresql://owner:{self.password}@127.0.0.1/postgres",
                    f"postgresql://owner@127.0.0.1/postgres?password={self.password}",
                    f"postgresql://owner:{self.password}/x@127.0.0.1:1/postgres",
                    "postgresql://owner:${PASSWORD}@127.0.0.1/postgres"):
            for builtin in ("sql", "billing"):
                more = {"statements": ["SELECT 1"]} if builtin == "sql" else {}
                path = self.manifest({"task": {"builtin": builtin, "with": {"database": url, **more}}})
                for flags in ((), ("--json",)):
                    done = self.command("check", path, *flags, expect=78, env={"PASSWORD": self.password})
                    self.assertIn("PGPASSWORD", done.stdout + done.stderr)
                    self.assertNotIn(self.password, done.stdout + done.stderr)

    def test_a_user_and_a_query_are_in_no_message(self):
        finished = self.ran(self.task("postgresql://canary-user@127.0.0.1:1/app?application_name=canary-name"), expect=1)
        self.assertIn("sql: cannot reach 'postgresql://127.0.0.1:1/app': ", finished["stderr"])
        for url in (self.server.tcp_url().replace("owner", "canary-user"), f"{self.server.tcp_url()}?sslmode=canary-name",
                    f"{self.server.tcp_url()}?options=-ccanary_name%3D1"):
            stderr = self.ran(self.task(url), expect=1, env={"PGPASSWORD": self.password})["stderr"]
            self.assertIn("sql: cannot reach 'postgresql://127.0.0.1:", stderr)
            self.assertNotIn("canary", stderr)

    def test_a_value_is_in_no_message(self):
        self.server.sql("CREATE FUNCTION complain(text) RETURNS int LANGUAGE plpgsql AS "
                        "$$BEGIN RAISE EXCEPTION 'no % here', $1; END$$")
        self.addCleanup(self.server.sql, "DROP FUNCTION complain")
        for statement, why in (("SELECT $1::bigint", "a text is no value of its type (SQLSTATE 22P02)"),
                               ("SELECT date_trunc($1, now())", "SQLSTATE 22023"),
                               ("SELECT now() AT TIME ZONE $1", "SQLSTATE 22023"),
                               ("SELECT $1::date", "a text is no date or time (SQLSTATE 22007)"),
                               ("SELECT ('1' || length($1) || '12345678901')::int", "a number is out of range (SQLSTATE 22003)"),
                               ("SELECT $1::regclass", 'relation "*" does not exist'),
                               ("SELECT complain(upper($1))", "no * here")):
            task = {"builtin": "sql", "env": {"PGPASSWORD": self.password},
                    "with": {"database": self.server.tcp_url(), "statements": [statement.replace("$", "$$")],
                             "values": [self.password]}}
            stderr = self.ran(task, expect=1)["stderr"]
            self.assertIn(why, stderr, statement)
            self.assertNotIn("canary", stderr.lower())


if __name__ == "__main__":
    main()
