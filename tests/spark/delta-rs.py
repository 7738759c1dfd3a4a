"""Reads and writes Delta tables by delta-rs (PyPI deltalake). Arguments: a job as JSON, a file for the answer."""
import json
import os
import sys

import pyarrow
from canonical_values import plain
from deltalake import DeltaTable, QueryBuilder, write_deltalake


def read(question):
    table = DeltaTable(question["folder"], version=question["version"])
    if question["sql"] is None:
        rows = table.to_pyarrow_table()
    else:
        query = question["sql"].replace("{table}", "t")
        rows = pyarrow.table(QueryBuilder().register("t", table).execute(query).read_all())
    return [[plain(row[name]) for name in question["columns"]] for row in rows.to_pylist()]


def write(change):
    folder = change["folder"]
    if "append" in change:
        write_deltalake(folder, pyarrow.table(change["append"]), mode="append")
    if "delete" in change:
        DeltaTable(folder).delete(change["delete"])
    if "checkpoint" in change:
        DeltaTable(folder).create_checkpoint()


job = json.load(open(sys.argv[1]))
for change in job.get("write", []):
    write(change)
with open(sys.argv[2], "w") as answer:
    json.dump({question["name"]: read(question) for question in job.get("read", [])}, answer)
# The answer is written. Threads of pyarrow that still live would abort the interpreter's own end ("terminate called").
os._exit(0)
