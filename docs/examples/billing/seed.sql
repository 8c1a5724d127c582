-- Three customers and what they rent, for a database of SQLite in which there is no account yet. Prices are in micros
-- (millionths) an hour, times in seconds since 1970.
INSERT INTO accounts (id, name) VALUES (1, 'alice'), (2, 'bob'), (3, 'carol');

INSERT INTO instances (id, account_id, price_per_hour_micros, started, stopped) VALUES
  (101, 1, 120000, unixepoch() - 7200, NULL),                 -- runs since two hours
  (102, 1, 450000, unixepoch() - 86400, unixepoch() - 3600),  -- ran for 23 hours
  (201, 2, 120000, unixepoch() - 600, NULL),
  (202, 2, 7, unixepoch() - 5400, NULL),                      -- less than a micro in eight minutes
  (301, 3, 98000, unixepoch() + 3600, NULL);                  -- begins in an hour
