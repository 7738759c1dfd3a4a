-- A stay told twice counts once; a stay that begins before the last one ended is a transfer, not a readmission. Stays that are
-- still open count as readmissions but have no discharge. Who died is not at risk of coming back.
WITH spell AS (
  SELECT coalesce(link.person_id, stay.patient) AS person,
         stay.provider,
         stay.started,
         max(stay.ended) AS ended,
         bool_or(stay.admission_method LIKE '2%') AS emergency,
         -- Discharge method 4 of the NHS data dictionary, `exp` of HL7, destination 79: died.
         bool_or(coalesce(stay.discharge_method = '4' OR stay.disposition IN ('79', 'exp'), false)) AS died
  FROM stay LEFT JOIN person_link link ON link.patient_ref = stay.patient
  WHERE stay.started IS NOT NULL AND stay.patient IS NOT NULL
  GROUP BY ALL
),
known AS (SELECT max(greatest(started, coalesce(ended, started))) AS until FROM spell),
discharge AS (
  SELECT provider, person, started, ended FROM spell WHERE ended IS NOT NULL AND NOT died
),
followed AS (
  SELECT discharge.provider,
         discharge.ended,
         date_diff('minute', discharge.started, discharge.ended) / 1440.0 AS days,
         count(next.started) AS again,
         count(next.started) FILTER (next.emergency) AS emergency
  FROM discharge
  LEFT JOIN spell next
    ON next.person = discharge.person
   AND next.started > discharge.ended
   AND next.started <= discharge.ended + INTERVAL 30 DAY
  GROUP BY discharge.provider, discharge.person, discharge.started, discharge.ended
)
SELECT provider,
       CAST(date_trunc('month', ended AT TIME ZONE 'Europe/London') AS DATE) AS discharged,
       CAST(count(*) AS BIGINT) AS discharges,
       CAST(count(*) FILTER (again > 0) AS BIGINT) AS readmitted_within_30_days,
       CAST(count(*) FILTER (emergency > 0) AS BIGINT) AS emergency_readmitted_within_30_days,
       CAST(round(avg(days), 2) AS DOUBLE) AS mean_stay_days,
       -- The last discharges of the data have not had their 30 days yet.
       bool_and(ended + INTERVAL 30 DAY <= (SELECT until FROM known)) AS followed_up
FROM followed
GROUP BY ALL
ORDER BY provider, discharged
