-- SNOMED CT codes of the chronic respiratory diseases most often recorded; a programme brings its own versioned code list.
SELECT coalesce(l.person_id, c.patient_ref) AS person,
       min(TRY_CAST(coalesce(c.onset, c.recorded) AS DATE)) AS first_recorded,
       bool_or(c.code = '195967001') AS asthma,
       bool_or(c.code = '13645005') AS copd,
       max(p.birth_month) AS birth_month,
       max(p.area) AS area
FROM condition c
LEFT JOIN patient p ON p.id = c.patient_ref
LEFT JOIN person_link l ON l.patient_ref = c.patient_ref
WHERE c.code IN ('195967001', '13645005', '12295008', '190905008', '233703007', '87433001', '40122008')
  AND coalesce(c.clinical_status, 'active') IN ('active', 'recurrence', 'relapse')
GROUP BY coalesce(l.person_id, c.patient_ref)
ORDER BY person
