-- Season 2026/27. Medicines count from 1 September of the year before the season, fixed, so that nobody drops out during it.
SELECT DATE '2027-03-31' AS audit_date, DATE '2025-09-01' AS medicine_since, DATE '2026-09-01' AS vaccinated_since
