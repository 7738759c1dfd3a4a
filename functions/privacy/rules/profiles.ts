import { resourceTypes } from '../../fhir/definitions';

/** Observations of UK Core by what they observe, after `UKCore-Observation`. */
const observations =
  '-ACVPU -AlcoholConsumption -AverageBloodPressure -BloodGlucose -EarlyWarningTotalScore -Group-Lab -InspiredOxygen -Lab -TobaccoConsumption -VitalSigns -VitalSigns-BMI -VitalSigns-BloodPressure -VitalSigns-BodyHeight -VitalSigns-BodyTemperature -VitalSigns-BodyWeight -VitalSigns-HeadCircumference -VitalSigns-HeartRate -VitalSigns-OxygenSaturation -VitalSigns-RespirationRate';
const ukCoreOthers = '-Device-BloodPressure -DiagnosticReport-Lab -ServiceRequest-Lab';
const r4Profiles =
  'vitalsigns bp bmi bodyheight bodyweight bodytemp headcircum heartrate oxygensat resprate vitalspanel lipidprofile';

const ukCoreBase = 'https://fhir.hl7.org.uk/StructureDefinition/UKCore';
const r4Base = 'http://hl7.org/fhir/StructureDefinition/';

/** Profile urls that stay in `meta.profile`: only a list keeps text out of the tail of a url. Configuration may add more. */
export const knownProfiles: ReadonlySet<string> = new Set([
  ...resourceTypes.flatMap((type) => [`${r4Base}${type}`, `${ukCoreBase}-${type}`]),
  ...r4Profiles.split(' ').map((name) => r4Base + name),
  ...observations.split(' ').map((name) => `${ukCoreBase}-Observation${name}`),
  ...ukCoreOthers.split(' ').map((name) => ukCoreBase + name),
]);
