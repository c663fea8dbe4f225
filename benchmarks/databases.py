"""PostgreSQL to PostgreSQL: six tables masked into a new database, against `pg_dump | psql`.

    python -m benchmarks.databases [--rows 5_000_000] [--runs 3]

A server of its own is started for it. Each measurement fills a new database of the same schema in a
process of its own, alternating; ratios are of medians. The shop is made up: a customer has ten
orders, an order four lines and a payment.
"""

import argparse
import statistics
import subprocess
import time
import warnings

from anonymizer.datasets.masking import mask_dataset
from anonymizer.errors import PrivacyWarning
from benchmarks.processes import measured
from tests.stores.server import Server, running

KEY = "a key for benchmarks only: 7f3a91c5e2"
DDL = """
CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL, email text, born date,
    joined timestamptz NOT NULL);
CREATE TABLE addresses (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers,
    street text, postcode text, country char(2));
CREATE TABLE articles (code text PRIMARY KEY, label text, price numeric(10, 2));
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers,
    address_id bigint REFERENCES addresses, ordered timestamptz NOT NULL, channel text);
CREATE TABLE lines (order_id bigint REFERENCES orders, line smallint, article text
    REFERENCES articles, quantity int, price numeric(10, 2), PRIMARY KEY (order_id, line));
CREATE TABLE payments (id uuid PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders,
    paid timestamptz NOT NULL, amount numeric(12, 2), card text);
"""
FILL = """
INSERT INTO customers SELECT n, 'Customer ' || n, 'c' || n || '@shop.example',
    date '1950-01-01' + (n * 7919 % 20000)::int,
    timestamptz '2020-01-01' + (n * 7919 % 900)::int * interval '1 day'
    FROM generate_series(1::bigint, {customers}) n;
INSERT INTO addresses
    SELECT n, n, n % 90 || ' High Street', 'LS' || n % 28 || ' 1UR', 'GB'
    FROM generate_series(1::bigint, {customers}) n;
INSERT INTO articles
    SELECT 'A' || n, 'Article ' || n, n % 9000 / 100.0 FROM generate_series(1, 5000) n;
INSERT INTO orders SELECT n, 1 + n * 7919 % {customers}, 1 + n * 7919 % {customers},
    timestamptz '2022-01-01' + (n * 104729 % 1000) * interval '1 day'
    + n % 86400 * interval '1 second',
    (ARRAY['web', 'shop', 'phone'])[1 + n % 3] FROM generate_series(1::bigint, {orders}) n;
INSERT INTO lines
    SELECT 1 + n / 4, n % 4, 'A' || 1 + n * 7919 % 5000, 1 + n % 5, n * 31 % 9000 / 100.0
    FROM generate_series(0::bigint, {lines} - 1) n;
INSERT INTO payments SELECT md5(n::text)::uuid, n,
    timestamptz '2022-01-02' + (n * 104729 % 1000) * interval '1 day',
    n * 17 % 90000 / 100.0, '4' || lpad((n * 7919)::text, 15, '0')
    FROM generate_series(1::bigint, {orders}) n;
ANALYZE;
"""

# What tools write that mask by queries on the server: no order is hidden, nothing is looked for.
IN_SQL = """
CREATE EXTENSION pgcrypto; CREATE SCHEMA masked;
CREATE FUNCTION token(value text) RETURNS bigint IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT ('x' || left(encode(hmac(value, '{key}', 'sha256'), 'hex'), 16))::bit(64)::bigint $$;
CREATE FUNCTION shift(person bigint) RETURNS interval IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT (abs(token('shift' || person) % 30) + 1) * interval '1 day' $$;
CREATE TABLE masked.customers AS SELECT token(id::text) AS id, 'Person ' || token(name) AS name,
    token(email) || '@example.com' AS email, date_trunc('year', born)::date AS born,
    joined + shift(id) AS joined FROM customers;
CREATE TABLE masked.addresses AS SELECT token(id::text) AS id,
    token(customer_id::text) AS customer_id, NULL::text AS street, left(postcode, 2) AS postcode,
    country FROM addresses;
CREATE TABLE masked.articles AS SELECT * FROM articles;
CREATE TABLE masked.orders AS SELECT token(id::text) AS id,
    token(customer_id::text) AS customer_id, token(address_id::text) AS address_id,
    ordered + shift(customer_id) AS ordered, channel FROM orders;
CREATE TABLE masked.lines AS SELECT token(order_id::text) AS order_id, line, article, quantity,
    price FROM lines;
CREATE TABLE masked.payments AS SELECT encode(hmac(p.id::text, '{key}', 'md5'), 'hex')::uuid AS id,
    token(p.order_id::text) AS order_id, paid + shift(o.customer_id) AS paid, round(amount),
    '****' || right(card, 4) AS card FROM payments p JOIN orders o ON o.id = p.order_id;
SET search_path = masked;
ALTER TABLE customers ADD PRIMARY KEY (id); ALTER TABLE addresses ADD PRIMARY KEY (id);
ALTER TABLE articles ADD PRIMARY KEY (code); ALTER TABLE orders ADD PRIMARY KEY (id);
ALTER TABLE lines ADD PRIMARY KEY (order_id, line); ALTER TABLE payments ADD PRIMARY KEY (id);
ALTER TABLE addresses ADD FOREIGN KEY (customer_id) REFERENCES customers;
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers,
    ADD FOREIGN KEY (address_id) REFERENCES addresses;
ALTER TABLE lines ADD FOREIGN KEY (order_id) REFERENCES orders,
    ADD FOREIGN KEY (article) REFERENCES articles;
ALTER TABLE payments ADD FOREIGN KEY (order_id) REFERENCES orders;
"""


def fields(source: str, target: str) -> dict[str, object]:
    """The dataset file: every table has something to hide."""
    shift, same = {"mask": "date_shift", "days": 30}, {"mask": "token", "as": "same"}
    accepted = {"batches": "accepted"}  # made-up numbers follow the day
    return {
        "version": 1,
        "source": source,
        "target": target,
        "entity": "customers.id",
        "tables": {
            "customers": accepted
            | {
                "columns": {
                    "id": same,
                    "name": {"mask": "pseudonym", "kind": "name"},
                    "email": {"mask": "pseudonym", "kind": "email"},
                    "born": {"mask": "date_truncate", "to": "year"},
                    "joined": shift,
                }
            },
            "addresses": {
                "columns": {
                    "id": same,
                    "street": "redact",
                    "postcode": {"mask": "region", "country": "GB"},
                    "country": "keep",
                }
            },
            "articles": {"columns": {"*": "keep"}},
            "orders": accepted | {"columns": {"id": same, "ordered": shift, "channel": "keep"}},
            "lines": {"columns": {"line": "keep", "quantity": "keep", "price": "keep"}},
            "payments": accepted
            | {
                "columns": {
                    "id": same,
                    "paid": shift,
                    "amount": {"mask": "round", "to": 1},
                    "card": {"mask": "partial", "last": 4},
                }
            },
        },
    }


def _mask(source: str, target: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PrivacyWarning)
        mask_dataset(fields(source, target), key=KEY)


def _copy(server: Server, source: str, target: str) -> float:
    """Seconds that `pg_dump | psql` takes, schema included."""
    started = time.perf_counter()
    dump = subprocess.Popen(
        [server.programs / "pg_dump", "-d", server.url(source)], stdout=subprocess.PIPE
    )
    load = [server.programs / "psql", "-Xqd", server.url(target), "-v", "ON_ERROR_STOP=1", "-1"]
    subprocess.run(load, stdin=dump.stdout, stdout=subprocess.DEVNULL, check=True)
    dump.wait()
    return time.perf_counter() - started


def main() -> None:
    """Print seconds of both and their ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    orders = options.rows // 6
    sizes = {"customers": orders // 10, "orders": orders, "lines": orders * 4}
    with running() as server:
        server.database("raw", DDL)
        server.psql("raw", FILL.format(**sizes))
        copies, masks, memory = [], [], []
        started = time.perf_counter()
        server.psql("raw", f"BEGIN; {IN_SQL.format(key=KEY)} COMMIT; DROP SCHEMA masked CASCADE")
        print(f"by queries on the server {time.perf_counter() - started:.1f} s", flush=True)
        for run in range(options.runs):
            server.psql("postgres", f"CREATE DATABASE copy{run}")
            copies.append(_copy(server, "raw", f"copy{run}"))
            server.psql("postgres", f"DROP DATABASE copy{run}")
            target = server.twin(f"masked{run}", "raw")
            seconds, most = measured(_mask, server.url("raw"), target)
            masks.append(seconds)
            memory.append(most)
            server.psql("postgres", f"DROP DATABASE masked{run}")
            print(f"copy {copies[-1]:.1f} s, mask {seconds:.1f} s, {most:.2f} GB", flush=True)
        ratio = statistics.median(masks) / statistics.median(copies)
        print(f"medians: {ratio:.2f} times the copy, {max(memory):.2f} GB at most")


if __name__ == "__main__":
    main()
