-- AST_GROUP: an emergency admission for asthma ever, or a diagnosis with treatment since the programme's date.
-- RESP_GROUP: AST_GROUP, or another chronic respiratory disease recorded by the audit date.
-- Dates may be partial (2020, 2020-02): they count from their first day.
WITH programme AS (SELECT audit_date, medicine_since, vaccinated_since FROM influenza_programme),
patient_person AS (
  SELECT patient.id, TRY_CAST(left(patient.born || '-01-01', 10) AS DATE) AS born, patient.area, patient.deceased,
         coalesce(link.person_id, patient.id) AS person
  FROM patient LEFT JOIN person_link link ON link.patient_ref = patient.id
),
coded AS (
  SELECT patient, system, code, coalesce(TRY_CAST(left(onset || '-01-01', 10) AS DATE), recorded) AS day FROM condition
  UNION ALL
  SELECT patient, system, code, performed FROM procedure
),
-- One row a person, list and code, with its first day; a code without any date counts: it is on record.
listed AS (
  SELECT patient_person.person, list.name, coded.code, min(coded.day) AS first_day
  FROM coded
  JOIN patient_person ON patient_person.id = coded.patient
  JOIN (
    SELECT 'asthma' AS name, system, code FROM asthma_diagnosis
    UNION SELECT 'admission', system, code FROM asthma_admission
    UNION SELECT 'respiratory', system, code FROM chronic_respiratory_disease
  ) list ON list.system = coded.system AND list.code = coded.code
  CROSS JOIN programme
  WHERE coded.day IS NULL OR coded.day <= programme.audit_date
  GROUP BY ALL
),
disease AS (
  SELECT person,
         bool_or(name = 'asthma') AS asthma,
         bool_or(name = 'admission') AS asthma_admission,
         bool_or(name = 'respiratory') AS chronic_respiratory,
         min(first_day) AS first_recorded,
         string_agg(DISTINCT code, ' ' ORDER BY code) AS codes
  FROM listed GROUP BY person
),
treated AS (
  SELECT DISTINCT patient_person.person
  FROM medication_request
  JOIN patient_person ON patient_person.id = medication_request.patient
  CROSS JOIN programme
  WHERE medication_request.authored BETWEEN programme.medicine_since AND programme.audit_date
    AND EXISTS (
      SELECT 1 FROM asthma_medicine medicine
      WHERE medicine.system = medication_request.system AND medicine.code = medication_request.code
    )
),
vaccination AS (
  SELECT patient_person.person,
         bool_or(immunization.status = 'completed') AS given,
         bool_or(immunization.status = 'not-done') AS not_given
  FROM immunization
  JOIN patient_person ON patient_person.id = immunization.patient
  CROSS JOIN programme
  WHERE immunization.occurred BETWEEN programme.vaccinated_since AND programme.audit_date
    AND EXISTS (
      SELECT 1 FROM influenza_vaccination vaccine
      WHERE vaccine.system = immunization.system AND vaccine.code = immunization.code
    )
  GROUP BY patient_person.person
),
-- Providers may know different things of one person; births are generalised to the month before they come here.
demographic AS (
  SELECT person, max(born) AS born, min(area) AS area, bool_or(deceased) AS deceased FROM patient_person GROUP BY person
)
SELECT disease.person,
       disease.asthma,
       treated.person IS NOT NULL AS asthma_treated,
       disease.asthma_admission,
       disease.chronic_respiratory,
       disease.first_recorded,
       disease.codes,
       demographic.born AS birth_month,
       demographic.area,
       coalesce(vaccination.given, false) AS vaccinated,
       coalesce(vaccination.not_given AND NOT vaccination.given, false) AS declined
FROM disease
JOIN demographic ON demographic.person = disease.person
LEFT JOIN treated ON treated.person = disease.person
LEFT JOIN vaccination ON vaccination.person = disease.person
CROSS JOIN programme
WHERE (disease.chronic_respiratory OR disease.asthma_admission OR (disease.asthma AND treated.person IS NOT NULL))
  AND NOT coalesce(demographic.deceased, false)
  -- Six months of age; who has no date of birth on record is kept for a person to decide.
  AND (demographic.born IS NULL OR demographic.born <= programme.audit_date - INTERVAL 6 MONTH)
ORDER BY disease.person
