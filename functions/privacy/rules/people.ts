/**
 * Base.Individuals: people and groups of them. Identifiers, names, contacts and photos of a person go to the identity record
 * and nowhere else; a role of a practitioner is a person as well. Notation: element-rules.ts.
 */
export const peopleRules = `
Group: identifier active type actual code quantity managingEntity characteristic member
Group.characteristic: code value exclude period
Group.member: entity period inactive
Patient: active gender birthDate=birthDate deceased=deceased address maritalStatus multipleBirth communication
    generalPractitioner@location managingOrganization@location link
Patient.communication: language preferred
Patient.link: other type
Person: active gender birthDate=birthDate managingOrganization@location link
Person.link: target assurance
Practitioner: active qualification communication
Practitioner.qualification: code period issuer
PractitionerRole: active period practitioner organization code specialty location@location
    healthcareService availableTime notAvailable endpoint
PractitionerRole.availableTime: daysOfWeek allDay availableStartTime availableEndTime
PractitionerRole.notAvailable: during
RelatedPerson: active patient relationship period communication
RelatedPerson.communication: language preferred
`;
