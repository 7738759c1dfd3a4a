"""Runs ViewDefinitions by Pathling over curated Delta tables. Arguments: a job as JSON, a file for the answer."""
import json
import sys

from spark_pathling import pathling, session

spark = session("pathling-views", memory="2g")
context = pathling(spark)
job = json.load(open(sys.argv[1]))
sources = {}


def source(resource, folder):
    """What is current in a curated table, as Pathling reads it: the newest version of each id, without tombstones."""
    if resource not in sources:
        newest = "row_number() OVER (PARTITION BY id ORDER BY version DESC, last_updated DESC) AS newest"
        rows = spark.read.format("delta").load(folder).selectExpr("*", newest).where("newest = 1 AND NOT deleted")
        encoded = context.encode(rows.select("resource"), resource, column="resource").cache()
        sources[resource] = context.read.datasets({resource: encoded})
    return sources[resource]


def rows(view):
    result = source(view["resource"], view["folder"]).view(json=json.dumps(view["definition"]))
    return [list(row) for row in result.selectExpr(*view["projection"]).cache().selectExpr(*view["texts"]).collect()]


with open(sys.argv[2], "w") as answer:
    json.dump({view["name"]: rows(view) for view in job["views"]}, answer)
spark.stop()
