-- One row an event. A patient whom no verified NHS number links is a person of their own.
WITH event AS (
  SELECT id, patient, id AS encounter, started AS happened, 'encounter' AS kind, system, code, class AS detail, status,
         NULL AS value, NULL AS unit
  FROM encounter
  UNION ALL
  SELECT id, patient, encounter, coalesce(onset, onset_start, recorded), 'condition', system, code, NULL, status, NULL, NULL
  FROM condition
  UNION ALL
  -- An observation of components (a blood pressure) is shown by its components, any other by its own value.
  SELECT id, patient, encounter, coalesce(effective, effective_instant, effective_start, issued), 'observation', system, code,
         value_code, status, value, unit
  FROM observation
  WHERE NOT (has_components AND value IS NULL AND value_code IS NULL)
  UNION ALL
  SELECT id, patient, encounter, authored, 'medication', system, code, NULL, status, NULL, NULL FROM medication_request
  UNION ALL
  SELECT id, patient, encounter, occurred, 'immunization', system, code, NULL, status, NULL, NULL FROM immunization
  UNION ALL
  SELECT id, patient, encounter, coalesce(performed, performed_start), 'procedure', system, code, NULL, status, NULL, NULL
  FROM procedure
),
-- Events name their provider through the contact they belong to.
contact AS (SELECT id, any_value(provider) AS provider FROM encounter GROUP BY id)
SELECT coalesce(link.person_id, event.patient) AS person,
       event.happened,
       event.kind,
       event.system,
       event.code,
       event.detail,
       event.status,
       CAST(event.value AS DECIMAL(15, 6)) AS value,
       event.unit,
       contact.provider,
       event.patient,
       event.id AS resource
FROM event
LEFT JOIN person_link link ON link.patient_ref = event.patient
LEFT JOIN contact ON contact.id = event.encounter
WHERE event.patient IS NOT NULL
ORDER BY person, event.happened, event.kind, event.code, event.id
