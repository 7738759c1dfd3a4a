-- Channel by the class of the encounter (HL7 v3 ActCode). Telephone contacts of practices are among them: filter by provider.
SELECT CASE e.class WHEN 'EMER' THEN 'emergency-department' WHEN 'FLD' THEN 'ambulance' ELSE 'telephone' END AS channel,
       e.provider,
       coalesce(p.area, 'unknown') AS area,
       CAST(date_part('hour', e.started AT TIME ZONE 'Europe/London') AS INTEGER) AS hour,
       CAST(count(*) AS BIGINT) AS contacts,
       CAST(count(DISTINCT coalesce(l.person_id, e.patient_ref)) AS BIGINT) AS people
FROM encounter e
LEFT JOIN patient p ON p.id = e.patient_ref
LEFT JOIN person_link l ON l.patient_ref = e.patient_ref
WHERE e.class IN ('EMER', 'FLD', 'VR') AND e.started IS NOT NULL
GROUP BY ALL
ORDER BY channel, area, hour, e.provider
