/** A Patient with a verified NHS number (status 01), a name and a telephone of the range kept for drama (Ofcom). */
export const aPatient = (id: string, nhsNumber: string) => ({
  resourceType: 'Patient',
  id,
  identifier: [
    {
      extension: [
        {
          url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus',
          valueCodeableConcept: {
            coding: [
              {
                system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland',
                code: '01',
              },
            ],
          },
        },
      ],
      system: 'https://fhir.nhs.uk/Id/nhs-number',
      value: nhsNumber,
    },
  ],
  name: [{ family: `Zzq${id}` }],
  telecom: [{ system: 'phone', value: '07700900123' }],
  gender: 'female',
});
