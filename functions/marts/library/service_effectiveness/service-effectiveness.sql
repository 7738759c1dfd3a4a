WITH admission AS (
  SELECT coalesce(l.person_id, e.patient_ref) AS person, e.provider, e.started, e.ended,
         lead(e.started) OVER (PARTITION BY coalesce(l.person_id, e.patient_ref) ORDER BY e.started) AS next_started
  FROM encounter e LEFT JOIN person_link l ON l.patient_ref = e.patient_ref
  WHERE e.class = 'IMP' AND e.started IS NOT NULL AND e.ended IS NOT NULL
)
SELECT provider,
       CAST(date_trunc('month', ended AT TIME ZONE 'Europe/London') AS DATE) AS discharged,
       CAST(count(*) AS BIGINT) AS discharges,
       CAST(count(*) FILTER (next_started >= ended AND next_started <= ended + INTERVAL 30 DAY) AS BIGINT) AS readmitted_within_30_days
FROM admission
GROUP BY ALL
ORDER BY provider, discharged
