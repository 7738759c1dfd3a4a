/**
 * The data types of FHIR R4 (datatypes.html, metadatatypes.html). A type without a row is dropped wherever it stands:
 * Annotation, Attachment, ContactDetail, ContactPoint, Contributor, DataRequirement, ElementDefinition, Expression,
 * HumanName, Narrative, ParameterDefinition, RelatedArtifact, Signature, TriggerDefinition.
 *
 * Coding, Quantity and its kinds, Reference, Identifier and Address are checked as a whole (a code means nothing without
 * its system, a value without its unit), in coding.ts, quantity.ts, reference.ts, identifier.ts and address.ts.
 *
 * `CodeableConcept.text` is what somebody typed, and realistic messages put names and postcodes there; `Period` and
 * `Timing` keep their days because order and distance of events are what clinical data is for. Notation: element-rules.ts.
 */
export const dataTypeRules = `
CodeableConcept: coding
Dosage: sequence additionalInstruction timing asNeeded site route method doseAndRate maxDosePerPeriod
    maxDosePerAdministration maxDosePerLifetime
Dosage.doseAndRate: type dose rate
MarketingStatus: country jurisdiction status dateRange restoreDate
Meta: profile=profile security tag
Money: value currency
Period: start end
Population: age gender race physiologicalCondition
ProdCharacteristic: height width depth weight nominalVolume externalDiameter scoring
ProductShelfLife: type period specialPrecautionsForStorage
Range: low high
Ratio: numerator denominator
SampledData: origin period factor lowerLimit upperLimit dimensions data=samples
SubstanceAmount: amount amountType
Timing: event repeat code
Timing.repeat: bounds count countMax duration durationMax durationUnit frequency frequencyMax period periodMax
    periodUnit dayOfWeek timeOfDay when offset
UsageContext: code value
`;
