"""Runs one view by Pathling over Observation.ndjson of a folder into Parquet, five times. Arguments: a job as JSON.
Prints the least CPU milliseconds of the Java process for one run: what starting it and warming up cost is left out."""
import json
import os
import sys

from spark_pathling import pathling, session

job = json.loads(sys.argv[1])
spark = session("pathling-view", memory="3g")
context = pathling(spark)
java = spark.sparkContext._gateway.proc.pid


def cpu():
    fields = open(f"/proc/{java}/stat").read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def once():
    before = cpu()
    view = context.read.ndjson(job["folder"]).view(json=json.dumps(job["view"]))
    view.selectExpr(*job["projection"]).write.mode("overwrite").option("compression", "zstd").parquet(job["target"])
    return cpu() - before


times = [once() for _ in range(5)]
print(json.dumps({"cpuMs": round(min(times)), "rows": spark.read.parquet(job["target"]).count()}))
spark.stop()
