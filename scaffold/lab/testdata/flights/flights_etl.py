"""The shipped job with the columns and the summary of other data: the flights that left New York in 2013.

This is all that a user changes: what the columns are, which of them are numbers, what makes a row one of its kind, what is a bad row, and
what is told of a month. Everything else is the shipped script, which lies beside this one.
"""

import sys

import weather_etl as etl
from pyspark.sql import functions as F

# Year and month are in the path.
etl.COLUMNS = (
    "day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,carrier,flight,tailnum,origin,dest,air_time,distance,hour,minute,time_hour"
).split(",")
etl.HEADER = ",".join(etl.COLUMNS)
etl.KEY = ["origin", "carrier", "flight", "time_hour"]
TEXTS = ["carrier", "tailnum", "origin", "dest", "time_hour"]
etl.NUMBERS = [name for name in etl.COLUMNS if name not in TEXTS]
ALWAYS = ["day", "sched_dep_time", "flight", "distance"]  # the others are missing for a flight that was canceled


def judged(rows):
    typed = rows.select(
        "partition",
        "quoted",
        *("raw_" + name for name in etl.COLUMNS),
        *(F.expr(f"try_cast(raw_{name} as double)").alias(name) for name in etl.NUMBERS),
        *(F.trim("raw_" + name).alias(name) for name in TEXTS),
        "problem",
    )
    reason = F.when(F.col("problem").isNotNull(), F.col("problem")).when(F.expr("try_cast(time_hour as timestamp)").isNull(), F.lit("time_hour is no time"))
    for name in ALWAYS:
        reason = reason.when(F.col(name).isNull(), F.lit(f"{name} is not a number"))
    return typed.withColumn("reason", reason)


def summary(good):
    return (
        etl.distinct(good)
        .groupBy("carrier")
        .agg(
            F.count("*").alias("flights"),
            F.count(F.when(F.col("dep_time").isNull(), 1)).alias("canceled"),
            F.round(F.avg("dep_delay"), 6).alias("dep_delay_mean"),
            F.max("dep_delay").alias("dep_delay_max"),
            F.sum("distance").alias("miles"),
        )
        .orderBy("carrier")
    )


etl.judged, etl.summary = judged, summary

if __name__ == "__main__":
    if code := etl.main(sys.argv[1:]):
        sys.exit(code)
