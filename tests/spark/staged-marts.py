"""A job of a site: reads curated tables by Pathling and stages rows for a mart. Arguments: a job as JSON, a file for the answer."""
import json
import sys

from pyspark.sql import functions as f
from spark_pathling import pathling, session

job = json.load(open(sys.argv[1]))
spark = session("staged-marts", memory="2g", **job["settings"])
context = pathling(spark)

newest = "row_number() OVER (PARTITION BY id ORDER BY version DESC, last_updated DESC) AS newest"
current = (
    spark.read.format("delta").load(f"{job['curated']}/condition").selectExpr("*", newest).where("newest = 1 AND NOT deleted")
)
encoded = context.encode(current.select("resource"), "Condition", column="resource")
flat = context.read.datasets({"Condition": encoded}).view(json=json.dumps(job["view"]))
rows = (
    flat.groupBy("patient", "code")
    .agg(
        f.count("*").alias("contacts"),
        f.min(f.to_date("recorded")).alias("first_day"),
        (f.sum(f.lit(1).cast("decimal(6,2)")) / 4).cast("decimal(20,4)").alias("share"),
        (f.count("*") > 1).alias("is_repeated"),
    )
    .crossJoin(current.agg(f.max("last_updated").alias("latest")))
)


def stage(run, what=rows):
    what.write.mode("overwrite").parquet(f"{job['staging']}/{run}")


stage("2026-11-21")
# A job that dies while it writes.
broken = rows.withColumn("contacts", f.expr("CAST(raise_error('broken') AS BIGINT)"))
try:
    stage("broken", broken)
    failed = False
except Exception:
    failed = True
# One that does not have the settings of the lake's jobs.
spark.conf.unset("spark.sql.parquet.outputTimestampType")
stage("int96")
with open(sys.argv[2], "w") as answer:
    json.dump({"failed": failed}, answer)
spark.stop()
