"""Reads and writes Delta tables by Spark with delta-spark. Arguments: a job as JSON, a file for the answer."""
import json
import sys

from canonical_values import plain
from spark_pathling import session

spark = session("delta-tables", memory="1500m")
# Identifiers as in standard SQL.
spark.conf.set("spark.sql.ansi.doubleQuotedIdentifiers", "true")


def read(question):
    if question["sql"] is not None:
        rows = spark.sql(question["sql"].replace("{table}", f"delta.`{question['folder']}`"))
    else:
        reader = spark.read.format("delta")
        if question["version"] is not None:
            reader = reader.option("versionAsOf", question["version"])
        rows = reader.load(question["folder"])
    return [[plain(one) for one in row] for row in rows.select(*[f"`{name}`" for name in question["columns"]]).collect()]


def write(change):
    table = f"delta.`{change['folder']}`"
    for statement in change.get("sql", []):
        spark.sql(statement.replace("{table}", table))
    if "checkpoint" in change:
        log = spark._jvm.org.apache.spark.sql.delta.DeltaLog
        log.forTable(spark._jsparkSession, change["folder"]).checkpoint()


job = json.load(open(sys.argv[1]))
for change in job.get("write", []):
    write(change)
with open(sys.argv[2], "w") as answer:
    json.dump({question["name"]: read(question) for question in job.get("read", [])}, answer)
spark.stop()
