/** Foundation.Documents, Foundation.Security, Foundation.Other and List. Notation: element-rules.ts. */
export const documentRules = `
AuditEvent: type subtype action period recorded outcome purposeOfEvent agent source entity
AuditEvent.agent: type role who requestor location@location media purposeOfUse
AuditEvent.source: observer type
AuditEvent.entity: what type role lifecycle securityLabel
Basic: identifier code subject created author
Binary: contentType securityContext
Bundle: type timestamp total
CatalogEntry: identifier type orderable referencedItem additionalIdentifier classification status validityPeriod
    validTo lastUpdated additionalCharacteristic additionalClassification relatedEntry
CatalogEntry.relatedEntry: relationtype item
Composition: identifier status type category subject encounter date author confidentiality attester custodian
    relatesTo event section
Composition.attester: mode time party
Composition.relatesTo: code target
Composition.event: code period detail
Composition.section: code author focus mode orderedBy entry emptyReason section
Consent: identifier status scope category patient dateTime performer organization source policyRule verification
    provision
Consent.verification: verified verifiedWith verificationDate
Consent.provision: type period actor action securityLabel purpose class code dataPeriod data provision
Consent.provision.actor: role reference
Consent.provision.data: meaning reference
DocumentManifest: masterIdentifier identifier status type subject created author recipient content related
DocumentManifest.related: identifier ref
DocumentReference: masterIdentifier identifier status docStatus type category subject date author authenticator
    custodian relatesTo securityLabel content context
DocumentReference.relatesTo: code target
DocumentReference.content: format
DocumentReference.context: encounter event period facilityType practiceSetting sourcePatientInfo related
Linkage: active author item
Linkage.item: type resource
List: identifier status mode code subject encounter date source orderedBy entry emptyReason
List.entry: flag deleted date item
MessageHeader: event destination sender enterer author responsible reason response focus
MessageHeader.destination: target receiver
MessageHeader.response: code details
OperationOutcome: issue
OperationOutcome.issue: severity code details
Parameters:
Provenance: target occurred recorded location@location reason activity agent entity
Provenance.agent: type role who onBehalfOf
Provenance.entity: role what agent
Subscription: status end
`;
