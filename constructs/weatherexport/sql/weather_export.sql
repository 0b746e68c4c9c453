-- The weekly export: takes in the daily weather that has landed, then writes its monthly figures to S3 as Parquet.
--
-- The Redshift Data API runs these statements in order, as one transaction: if one fails, the table is as it was before, and
-- the last export is still there, because UNLOAD comes last. Each run does everything anew, so a run that is repeated changes nothing.
-- The construct replaces ${Landing}, ${Exports}, ${Role} and ${Key}. A statement ends with a semicolon at the end of a line.
-- Source: Amazon Redshift Database Developer Guide, "COPY", "UNLOAD"; Amazon Redshift Data API, BatchExecuteStatement.

CREATE TABLE IF NOT EXISTS weather_daily (
    day DATE NOT NULL,
    precipitation DECIMAL(6, 1),
    temp_max DECIMAL(4, 1),
    temp_min DECIMAL(4, 1),
    wind DECIMAL(4, 1),
    weather VARCHAR(16)
) SORTKEY (day);

-- Not TRUNCATE: that would commit at once.
DELETE FROM weather_daily;

-- No MAXERROR: one row that cannot be read stops the run, and the alarm tells. COPY goes by the order of the columns, not by the header.
COPY weather_daily (day, precipitation, temp_max, temp_min, wind, weather)
FROM '${Landing}'
IAM_ROLE '${Role}'
FORMAT AS CSV
IGNOREHEADER 1
DATEFORMAT 'YYYY-MM-DD';

-- The query is a literal, in which a quotation mark is written twice. The same row may have landed twice; it counts once.
-- CLEANPATH removes the files of the last export; the bucket keeps them as old versions for a while.
UNLOAD ('
    SELECT
        CAST(DATE_TRUNC(''month'', day) AS DATE) AS month,
        COUNT(*) AS days,
        SUM(CASE WHEN precipitation > 0 THEN 1 ELSE 0 END) AS wet_days,
        SUM(precipitation) AS precipitation,
        MAX(temp_max) AS temp_max,
        MIN(temp_min) AS temp_min
    FROM (SELECT DISTINCT day, precipitation, temp_max, temp_min, wind, weather FROM weather_daily) AS daily
    GROUP BY 1
    ORDER BY 1
')
TO '${Exports}'
IAM_ROLE '${Role}'
FORMAT AS PARQUET
CLEANPATH
KMS_KEY_ID '${Key}'
ENCRYPTED;
