-- One row an event. People are joined across providers by the links of verified NHS numbers; a patient without one is a person.
WITH event AS (
  SELECT patient_ref, started AS happened, 'encounter' AS kind, class AS code, provider AS detail FROM encounter
  UNION ALL
  SELECT patient_ref, TRY_CAST(coalesce(onset, recorded) AS TIMESTAMPTZ), 'condition', code, clinical_status FROM condition
  UNION ALL
  SELECT patient_ref, TRY_CAST(happened AS TIMESTAMPTZ), 'observation', code, concat_ws(' ', value, unit) FROM observation
  UNION ALL
  SELECT patient_ref, TRY_CAST(happened AS TIMESTAMPTZ), 'medication', code, NULL FROM medication_request
  UNION ALL
  SELECT patient_ref, TRY_CAST(happened AS TIMESTAMPTZ), 'immunization', code, NULL FROM immunization
)
SELECT coalesce(l.person_id, e.patient_ref) AS person, e.happened, e.kind, e.code, e.detail
FROM event e LEFT JOIN person_link l ON l.patient_ref = e.patient_ref
WHERE e.patient_ref IS NOT NULL
ORDER BY person, e.happened, e.kind, e.code
