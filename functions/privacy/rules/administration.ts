/** Base.Entities, Base.Workflow, Base.Management and Specialized.Public. Notation: element-rules.ts. */
export const administrationRules = `
Appointment: identifier status cancelationReason serviceCategory serviceType specialty appointmentType reasonCode
    reasonReference priority supportingInformation start end minutesDuration slot created basedOn participant
    requestedPeriod
Appointment.participant: type actor required status period
AppointmentResponse: identifier appointment start end participantType actor participantStatus
BiologicallyDerivedProduct: identifier productCategory productCode status request quantity parent collection
    processing manipulation storage
BiologicallyDerivedProduct.collection: collector source collected
BiologicallyDerivedProduct.processing: procedure additive time
BiologicallyDerivedProduct.manipulation: time
BiologicallyDerivedProduct.storage: temperature scale duration
Device: identifier definition status statusReason manufactureDate expirationDate type specialization property
    patient owner location@location safety parent
Device.specialization: systemType
Device.property: type valueQuantity valueCode
DeviceMetric: identifier type unit source parent operationalStatus color category measurementPeriod calibration
DeviceMetric.calibration: type state time
Encounter: identifier status statusHistory class classHistory type serviceType priority subject episodeOfCare
    basedOn participant appointment period length reasonCode reasonReference diagnosis account hospitalization
    location@location serviceProvider partOf
Encounter.statusHistory: status period
Encounter.classHistory: class period
Encounter.participant: type period individual
Encounter.diagnosis: condition use rank
Encounter.hospitalization: preAdmissionIdentifier origin admitSource reAdmission dietPreference specialCourtesy
    specialArrangement destination dischargeDisposition
Encounter.location: location@location status physicalType period
Endpoint: identifier status connectionType managingOrganization period payloadType payloadMimeType
EpisodeOfCare: identifier status statusHistory type diagnosis patient managingOrganization period referralRequest
    careManager team account
EpisodeOfCare.statusHistory: status period
EpisodeOfCare.diagnosis: condition role rank
Flag: identifier status category code subject period encounter author
HealthcareService: identifier active providedBy category type specialty location@location coverageArea
    serviceProvisionCode eligibility program characteristic communication referralMethod appointmentRequired
    availableTime notAvailable endpoint
HealthcareService.eligibility: code
HealthcareService.availableTime: daysOfWeek allDay availableStartTime availableEndTime
HealthcareService.notAvailable: during
Location: identifier status operationalStatus mode type address@location physicalType managingOrganization partOf
    hoursOfOperation endpoint
Location.hoursOfOperation: daysOfWeek allDay openingTime closingTime
Organization: identifier active type address@location partOf endpoint
OrganizationAffiliation: identifier active period organization participatingOrganization network code specialty
    location healthcareService endpoint
ResearchStudy: identifier protocol partOf status primaryPurposeType phase category focus condition keyword location
    enrollment period sponsor principalInvestigator site reasonStopped arm objective
ResearchStudy.arm: type
ResearchStudy.objective: type
ResearchSubject: identifier status period study individual consent
Schedule: identifier active serviceCategory serviceType specialty actor planningHorizon
Slot: identifier serviceCategory serviceType specialty appointmentType schedule status start end overbooked
Substance: identifier status category code instance ingredient
Substance.instance: identifier expiry quantity
Substance.ingredient: quantity substance
Task: identifier basedOn groupIdentifier partOf status statusReason businessStatus intent priority code focus for
    encounter executionPeriod authoredOn lastModified requester performerType owner location@location reasonCode
    reasonReference insurance relevantHistory restriction input output
Task.restriction: repetitions period recipient
Task.input: type value
Task.output: type value
VerificationResult: target need status statusDate validationType validationProcess frequency lastPerformed
    nextScheduled failureAction
`;
