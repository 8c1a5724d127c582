"""The built-in `billing`: every time is billed once, whoever bills it, however often, and wherever it was interrupted."""

import json
import random
import signal
import threading
import time

from billing_world import HOUR, START, BillingWorld, moment, owed
from databases import OnPostgresql, OnSqlite
from taskrun_harness import RunnerTest, main

MOST = 2**63 - 1
# Kills in a row that a seed decides about; another seed is as good.
KILLS = 25
SEED = random.SystemRandom().randrange(2**32)


class Billing(BillingWorld):
    def test_it_bills_what_runs_and_what_has_stopped_up_to_the_last_whole_minute(self):
        self.add_account(1)
        self.add_instance(1, 1, 3_600_000)
        self.add_instance(2, 1, 7_200_000, stopped=START + 30)
        self.add_instance(3, 1, 3_600_000, started=START + 500)
        result = self.bill(until=moment(START + 130))  # 20 s after the start, a minute ends
        self.assertEqual({"billed": 2, "amount": 100_000 + 60_000, "failed": 0, "accounts": 1,
                          "until": moment(START + 100).replace("Z", ".000000Z")}, result)
        self.assertIn("billing: 2 periods of 1 accounts up to", self.told)
        self.assertIn(": 0.160000 in all; 0 accounts failed", self.told)
        self.examine_books()
        self.assertEqual([["1", str(START), str(START + 100), "3600000", "100000", None],
                          ["2", str(START), str(START + 30), "7200000", "60000", None]],
                         self.database.sql("SELECT instance_id, period_start, period_end, price_per_hour_micros, "
                                           "amount_micros, run_id FROM ledger ORDER BY instance_id"))

    def test_twice_bills_once(self):
        self.populate(accounts=5, instances_each=4, seed=1)
        first = self.bill(until=moment(START + 7_000))
        self.assertGreater(first["billed"], 0)
        again = self.bill(until=moment(START + 7_000))
        self.assertEqual((0, 0, 0), (again["billed"], again["amount"], again["failed"]))
        self.examine_books()
        self.examine_all_billed(START + 6_940)

    def test_a_clock_that_was_set_back_bills_nothing_twice(self):
        self.populate(accounts=3, instances_each=4, seed=2)
        self.bill(until=moment(START + 7_000))
        before = self.balances()
        self.assertEqual(0, self.bill(until=moment(START + 3_000))["billed"])
        self.assertEqual(before, self.balances())
        self.bill(until=moment(START + 20_000))
        self.examine_books()
        self.examine_all_billed(START + 19_900)

    def test_pieces_cost_what_the_whole_costs(self):
        self.add_account(1)
        for number, price in enumerate((1, 7, 999, 3_601, 1_234_567), 1):
            self.add_instance(number, 1, price)
        chance = random.Random(3)
        at = START
        while at < START + 20_000:
            at += chance.randrange(1, 2_000)
            self.bill(until=moment(at), granularity="1s")
        self.examine_books()  # compares with the whole
        self.assertEqual(sum(owed(price, at - START) for price in (1, 7, 999, 3_601, 1_234_567)), self.balances()[1])

    def test_a_stop_is_billed_once_and_a_change_of_price_counts_from_there(self):
        self.add_account(1)
        self.add_instance(1, 1, 3_600)
        self.bill(until=moment(START + 100))
        self.database.sql(f"UPDATE instances SET stopped = {START + 130}")
        self.assertEqual(30, self.bill(until=moment(START + 10_000))["amount"])
        self.assertEqual(0, self.bill(until=moment(START + 20_000))["billed"])
        self.examine_books()
        self.add_instance(2, 1, 3_600)
        self.bill(until=moment(START + 100))
        self.database.sql("UPDATE instances SET price_per_hour_micros = 7200 WHERE id = 2")
        self.assertEqual(120, self.bill(until=moment(START + 160))["amount"])

    def test_one_that_starts_again_is_not_charged_for_the_time_off_where_it_is_moved_on(self):
        self.add_account(1)
        self.add_instance(1, 1, 3_600, stopped=START + 50)
        self.add_instance(2, 1, 3_600, stopped=START + 50)
        self.assertEqual(100, self.bill(until=moment(START + 100))["amount"])
        self.database.sql(f"UPDATE instances SET stopped = NULL, billed_until = {START + 120} WHERE id = 1;"
                          f"UPDATE instances SET stopped = NULL WHERE id = 2")
        self.assertEqual(40 + 110, self.bill(until=moment(START + 160))["amount"])

    def test_nothing_is_billed_after_now(self):
        self.add_account(1)
        now = int(time.time())
        self.add_instance(1, 1, 3_600, started=now - 600)
        self.add_instance(2, 1, 3_600, started=now + HOUR)
        self.assertEqual(1, self.bill(until=moment(now + 10 * HOUR))["billed"])
        until = int(self.database.sql("SELECT billed_until FROM instances WHERE id = 1")[0][0])
        self.assertEqual(0, until % 60)
        self.assertLessEqual(until, time.time())

    def test_an_account_that_fails_is_told_and_the_others_go_on(self):
        for account in (1, 2, 3):
            self.add_account(account, balance=MOST - 50 if account == 2 else 0)
            self.add_instance(account * 10, account, 3_600_000)
            self.add_instance(account * 10 + 1, account, 3_600_000)
        first = self.balances()
        result = self.bill(expect=1, until=moment(START + 100))
        self.assertEqual((4, 400_000, 1, 2), tuple(result[k] for k in ("billed", "amount", "failed", "accounts")))
        self.assertIn("billing: account 2: its balance would not fit 64 bits\n", self.told)
        self.examine_books(first)
        self.database.sql("UPDATE accounts SET balance_micros = 0 WHERE id = 2")
        self.assertEqual((2, 0), tuple(self.bill(until=moment(START + 100))[k] for k in ("billed", "failed")))
        self.examine_books()

    def test_a_period_that_somebody_else_wrote_makes_its_account_fail_and_nothing_of_it_is_kept(self):
        for account in (1, 2):
            self.add_account(account)
            for number in range(3):
                self.add_instance(account * 10 + number, account, 3_600)
        self.database.sql(f"INSERT INTO ledger VALUES (11, 1, {START}, {START + 1}, 3600, 5, 'foreign')")
        result = self.bill(expect=1, until=moment(START + 100))
        self.assertEqual((3, 1), (result["billed"], result["failed"]))
        self.assertIn("billing: account 1: cannot ", self.told)
        self.assertEqual({1: 0, 2: 300}, self.balances())
        self.assertEqual([["1"]], self.database.sql("SELECT count(*) FROM ledger WHERE account_id = 1"))

    def test_a_period_longer_than_is_likely_makes_its_account_fail(self):
        self.add_account(1)
        self.add_instance(1, 1, 3_600)
        self.assertEqual(1, self.bill(expect=1, until=moment(START + 10 * HOUR), longest_period="2h")["failed"])
        self.assertIn("instance 1: it would be billed for", self.told)
        self.assertEqual(1, self.bill(until=moment(START + HOUR), longest_period="2h")["billed"])
        self.add_account(2)
        self.add_instance(2, 2, 0, started=-MOST)
        self.assertEqual(1, self.bill(expect=1, until=moment(START + HOUR), longest_period="2h")["failed"])
        self.assertIn("instance 2: it would be billed for 92233720", self.told)

    def test_killed_at_random_points_it_loses_nothing_and_bills_nothing_twice(self):
        print(f"{type(self).__name__}: seed {SEED}")
        chance = random.Random(SEED)
        self.populate(accounts=40, instances_each=5, seed=SEED)
        finished, at = 0, START
        for _ in range(KILLS):
            at += 400
            process = self.launch_billing(to_be_killed=True, until=moment(at), parallel=4)
            try:
                process.wait(chance.uniform(0, 0.08))
            except Exception:
                process.send_signal(signal.SIGKILL)
            status, _, _ = self.end_billing(process)
            self.assertIn(status, (0, -signal.SIGKILL))
            finished += status == 0
            self.examine_books()
        self.assertLess(finished, KILLS, "none was killed")
        self.bill(until=moment(at + 400))
        self.examine_books()
        self.examine_all_billed(START + 10_000)

    def test_many_at_once_bill_each_period_once(self):
        self.populate(accounts=20, instances_each=5, seed=4)
        at = START
        for _ in range(4):
            at += 2_000
            results = []
            running = [self.launch_billing(until=moment(at), init=True) for _ in range(4)]
            threads = [threading.Thread(target=lambda p=p: results.append(self.end_billing(p))) for p in running]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual([0] * 4, [status for status, _, _ in results], results)
            self.examine_books()
            self.examine_all_billed(at - 60)
        total = self.database.sql("SELECT sum(amount_micros) FROM ledger")[0][0]
        self.assertEqual(int(total), sum(self.balances().values()))

    def test_without_tables_it_says_so(self):
        self.database = self.make_database()
        self.database.sql("DROP TABLE IF EXISTS ledger; DROP TABLE IF EXISTS instances; DROP TABLE IF EXISTS accounts")
        self.assertIsNone(self.bill(expect=1))
        self.assertIn("instances", self.told)

    def test_a_seed_with_a_zero_byte_is_refused_and_not_cut_there(self):
        self.write("seed.sql", "INSERT INTO accounts (id, name) VALUES (1, 'a');\0\nINSERT INTO accounts (id, name) VALUES (2, 'b');")
        self.assertIsNone(self.bill(expect=1, init=True, seed="seed.sql"))
        self.assertIn("the script has a zero byte in it", self.told)
        self.assertEqual({}, self.balances())

    def test_init_sows_where_there_is_no_account_and_only_there(self):
        self.write("seed.sql", "INSERT INTO accounts (name) VALUES ('a')")
        for _ in range(2):
            self.bill(init=True, seed="seed.sql")
            self.assertEqual([["a"]], self.database.sql("SELECT name FROM accounts"))

    def test_as_a_task_its_result_stands_in_the_line_and_its_run_in_the_ledger(self):
        self.add_account(1)
        self.add_instance(1, 1, 3_600_000)
        finished = self.run_once({"builtin": "billing", "with": {"database": self.database.url,
                                                                 "until": moment(START + 100)}})
        self.assertEqual({"billed": 1, "amount": 100_000, "failed": 0, "accounts": 1},
                         {k: v for k, v in finished["result"].items() if k != "until"})
        self.assertEqual([[finished["run_id"]]], self.database.sql("SELECT run_id FROM ledger"))

    def test_mistakes_are_told_before_anything_runs(self):
        for wrong, why in (({"granularity": "1500ms"}, "granularity"), ({"granularity": "0s"}, "granularity"),
                           ({"parallel": 0}, "parallel"), ({"parallel": 65}, "parallel"), ({"until": "soon"}, "until"),
                           ({"longest_period": "1s"}, "longest_period"), ({"database": "mysql://x"}, "neither")):
            path = self.manifest({"t": {"builtin": "billing", "with": {"database": self.database.url, **wrong}}})
            self.assertIn(why, self.command("check", path, expect=78).stderr)


class BillingOnSqlite(OnSqlite, Billing, RunnerTest):
    def test_a_file_is_found_from_the_working_directory_of_the_task(self):
        self.add_account(1)
        self.add_instance(1, 1, 3_600)
        home = self.directory / "home"
        home.mkdir()
        task = {"builtin": "billing", "cwd": str(home), "with": {"database": "sqlite:own.db", "init": True}}
        self.run_once(task)
        self.assertTrue((home / "own.db").is_file())
        self.assertFalse((self.directory / "own.db").exists())
        finished = self.run_once({**task, "with": {"database": "sqlite:../test.db"}})
        self.assertEqual(1, finished["result"]["billed"])

    def test_a_file_that_is_not_there_is_made_only_where_that_was_asked_for(self):
        finished = self.run_once({"builtin": "billing", "with": {"database": "sqlite:none.db"}}, expect=1)
        self.assertIn("cannot open 'none.db'", finished["stderr"])
        self.assertFalse((self.directory / "none.db").exists())


class BillingOnPostgresql(OnPostgresql, Billing, RunnerTest):
    def test_an_account_that_another_session_holds_waits_for_it(self):
        self.populate(accounts=4, instances_each=2, seed=5)
        blocker = threading.Thread(target=self.database.sql, args=(
            "BEGIN; SELECT * FROM accounts WHERE id = 2 FOR UPDATE; SELECT pg_sleep(0.5); COMMIT",))
        blocker.start()
        self.assertEqual(0, self.bill(until=moment(START + 9_000))["failed"])
        blocker.join()
        self.examine_books()
        self.examine_all_billed(START + 8_900)

    def test_a_stop_that_is_committed_before_the_bill_ends_it(self):
        self.add_account(1)
        self.add_instance(1, 1, 3_600)
        self.add_instance(2, 1, 3_600)
        with self.database.holding(f"UPDATE instances SET stopped = {START + 40} WHERE id = 2") as commit:
            billing = self.launch_billing(until=moment(START + 100))
            self.database.wait_for_waiting()
            commit()
        status, result, stderr = self.end_billing(billing)
        self.assertEqual((0, 140), (status, result["amount"]), stderr)
        self.examine_books()

    def test_instances_can_be_added_to_an_account_while_it_is_billed(self):
        self.add_account(1)
        self.add_instance(1, 1, 3_600)
        with self.database.holding("UPDATE instances SET price_per_hour_micros = 7200 WHERE id = 1") as commit:
            billing = self.launch_billing(until=moment(START + 100))
            self.database.wait_for_waiting()  # it has the account, and wants the instance
            self.database.sql("SET lock_timeout = '5s'; INSERT INTO instances (id, account_id, price_per_hour_micros, "
                              f"started) VALUES (2, 1, 3600, {START + 200})")
            commit()
        status, result, stderr = self.end_billing(billing)
        self.assertEqual((0, 200), (status, result["amount"]), stderr)

    def test_init_waits_for_nobody_where_the_tables_are_there(self):
        self.add_account(1)
        self.add_instance(1, 1, 3_600)
        self.add_instance(2, 1, 3_600, started=START + 500)
        self.write("seed.sql", "INSERT INTO accounts (id, name) VALUES (7, 'x')")
        with self.database.holding("UPDATE instances SET price_per_hour_micros = 7200 WHERE id = 2"):
            result = self.bill(init=True, seed="seed.sql", until=moment(START + 100))
        self.assertEqual((1, 100), (result["billed"], result["amount"]))
        self.assertEqual({1: 100}, self.balances())

    def test_init_needs_no_right_to_make_tables_that_are_there(self):
        self.add_account(1)
        self.add_instance(1, 1, 3_600)
        role = f"biller_{self.database.name}"
        self.database.sql(f"CREATE ROLE {role} LOGIN; GRANT SELECT, INSERT, UPDATE ON accounts, instances, ledger TO {role}")
        self.database.url = self.database.url.replace("owner@", f"{role}@")
        self.assertEqual(1, self.bill(init=True, until=moment(START + 100))["billed"])
        self.database.sql("DROP TABLE ledger")
        self.assertIsNone(self.bill(expect=1, init=True))
        self.assertIn("permission denied", self.told)

    def test_init_makes_what_is_missing_again_where_another_transaction_is_in_the_way(self):
        self.database.sql("DROP INDEX instances_due; CREATE SEQUENCE tries; CREATE FUNCTION be_in_the_way() "
                          "RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN IF nextval('tries') < 4 THEN "
                          "RAISE EXCEPTION 'in the way' USING ERRCODE = '55P03'; END IF; END$$; "
                          "CREATE EVENT TRIGGER t ON ddl_command_start WHEN TAG IN ('CREATE INDEX') "
                          "EXECUTE FUNCTION be_in_the_way()")
        self.bill(init=True)
        self.assertEqual([["4", "instances_due"]],
                         self.database.sql("SELECT last_value, to_regclass('instances_due') FROM tries"))

    def test_accounts_that_nobody_could_take_are_named(self):
        for account in range(1, 31):
            self.add_account(account)
            self.add_instance(account, account, 3_600)
        self.database.sql("CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS "
                          "$$BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN new; END$$; "
                          "CREATE TRIGGER t BEFORE INSERT ON ledger FOR EACH ROW WHEN (new.account_id = 2) EXECUTE FUNCTION cut()")
        result = self.bill(expect=1, parallel=1, until=moment(START + 100))
        self.assertEqual((1, 29, 1), tuple(result[k] for k in ("billed", "failed", "accounts")))
        self.assertIn("billing: account 2: cannot use ", self.told)
        self.assertEqual([f"billing: account {a}: no connection was left to bill it" for a in range(3, 22)],
                         [line for line in self.told.splitlines() if "no connection" in line])
        self.examine_books()

    def test_a_server_without_a_connection_left_is_told(self):
        gone = self.database.server.url("no_such_database")
        self.database.url = gone
        self.assertIsNone(self.bill(expect=1))
        self.assertIn('database "no_such_database" does not exist', self.told)


if __name__ == "__main__":
    main()
