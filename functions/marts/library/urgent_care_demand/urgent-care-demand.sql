-- The same contact is often told twice (when a crew is sent, when it hands over): it counts once by person, channel and start.
WITH patient_person AS (
  SELECT patient.id, patient.area, coalesce(link.person_id, patient.id) AS person
  FROM patient LEFT JOIN person_link link ON link.patient_ref = patient.id
),
-- A caller's record often lacks the postcode that another provider knows.
person_area AS (SELECT person, min(area) AS area FROM patient_person WHERE area IS NOT NULL GROUP BY person),
contact AS (
  SELECT DISTINCT
         CASE encounter.class WHEN 'EMER' THEN 'emergency-department' WHEN 'FLD' THEN 'ambulance' ELSE '111' END AS channel,
         encounter.provider,
         coalesce(here.area, home.area, 'unknown') AS area,
         coalesce(here.person, encounter.patient, encounter.id) AS person,
         encounter.started AT TIME ZONE 'Europe/London' AS local_start
  FROM encounter
  LEFT JOIN patient_person here ON here.id = encounter.patient
  LEFT JOIN person_area home ON home.person = here.person
  WHERE encounter.started IS NOT NULL
    AND (
      encounter.class IN ('EMER', 'FLD')
      -- Practices speak to patients by telephone too: only the organisations of the list are NHS 111.
      OR EXISTS (
        SELECT 1 FROM urgent_call_services service
        WHERE service.system = encounter.system AND service.code = encounter.provider
      )
    )
)
SELECT channel,
       provider,
       area,
       CAST(isodow(local_start) AS INTEGER) AS weekday,
       CAST(hour(local_start) AS INTEGER) AS hour,
       CAST(count(*) AS BIGINT) AS contacts,
       CAST(count(DISTINCT person) AS BIGINT) AS people
FROM contact
GROUP BY ALL
ORDER BY channel, provider, area, weekday, hour
