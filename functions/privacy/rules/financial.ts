/** Financial. Notation: element-rules.ts. */
export const financialRules = `
Account: identifier status type subject servicePeriod coverage owner guarantor partOf
Account.coverage: coverage priority
Account.guarantor: party onHold period
ChargeItem: identifier status partOf code subject context occurrence performer performingOrganization
    requestingOrganization costCenter quantity bodysite factorOverride priceOverride enterer enteredDate reason
    service product account supportingInformation
ChargeItem.performer: function actor
ChargeItemDefinition: url=tokenise identifier status experimental date jurisdiction approvalDate lastReviewDate effectivePeriod code
Claim: identifier status type subType use patient billablePeriod created enterer insurer provider priority
    fundsReserve related prescription originalPrescription payee referral facility careTeam supportingInfo diagnosis
    procedure insurance accident item total
Claim.related: claim relationship reference
Claim.payee: type party
Claim.careTeam: sequence provider responsible role qualification
Claim.supportingInfo: sequence category code timing value reason
Claim.diagnosis: sequence diagnosis type onAdmission packageCode
Claim.procedure: sequence type date procedure udi
Claim.insurance: sequence focal identifier coverage claimResponse
Claim.accident: date type location
Claim.item: sequence careTeamSequence diagnosisSequence procedureSequence informationSequence revenue category
    productOrService modifier programCode serviced location quantity unitPrice factor net udi bodySite subSite
    encounter detail
Claim.item.detail: sequence revenue category productOrService modifier programCode quantity unitPrice factor net udi
    subDetail
Claim.item.detail.subDetail: sequence revenue category productOrService modifier programCode quantity unitPrice
    factor net udi
ClaimResponse: identifier status type subType use patient created insurer requestor request outcome preAuthPeriod
    payeeType item addItem adjudication total payment fundsReserve formCode processNote communicationRequest
    insurance error
ClaimResponse.item: itemSequence noteNumber adjudication detail
ClaimResponse.item.adjudication: category reason amount value
ClaimResponse.item.detail: detailSequence noteNumber adjudication subDetail
ClaimResponse.item.detail.subDetail: subDetailSequence noteNumber adjudication
ClaimResponse.addItem: itemSequence detailSequence subdetailSequence provider productOrService modifier programCode
    serviced location quantity unitPrice factor net bodySite subSite noteNumber adjudication detail
ClaimResponse.addItem.detail: productOrService modifier quantity unitPrice factor net noteNumber adjudication
    subDetail
ClaimResponse.addItem.detail.subDetail: productOrService modifier quantity unitPrice factor net noteNumber
    adjudication
ClaimResponse.total: category amount
ClaimResponse.payment: type adjustment adjustmentReason date amount identifier
ClaimResponse.processNote: number type language
ClaimResponse.insurance: sequence focal coverage claimResponse
ClaimResponse.error: itemSequence detailSequence subDetailSequence code
Contract: identifier status legalState issued applies subject authority author type subType
Coverage: identifier status type policyHolder subscriber beneficiary relationship period payor class order
    costToBeneficiary subrogation contract
Coverage.class: type
Coverage.costToBeneficiary: type value exception
Coverage.costToBeneficiary.exception: type period
CoverageEligibilityRequest: identifier status priority purpose patient serviced created enterer provider insurer
    facility supportingInfo insurance item
CoverageEligibilityRequest.supportingInfo: sequence information appliesToAll
CoverageEligibilityRequest.insurance: focal coverage
CoverageEligibilityRequest.item: supportingInfoSequence category productOrService modifier provider quantity
    unitPrice facility diagnosis detail
CoverageEligibilityRequest.item.diagnosis: diagnosis
CoverageEligibilityResponse: identifier status purpose patient serviced created requestor request outcome insurer
    insurance form error
CoverageEligibilityResponse.insurance: coverage inforce benefitPeriod item
CoverageEligibilityResponse.insurance.item: category productOrService modifier provider excluded network unit term
    benefit authorizationRequired authorizationSupporting
CoverageEligibilityResponse.insurance.item.benefit: type allowed used
CoverageEligibilityResponse.error: code
EnrollmentRequest: identifier status created insurer provider candidate coverage
EnrollmentResponse: identifier status request outcome created organization requestProvider
ExplanationOfBenefit: identifier status type subType use patient billablePeriod created enterer insurer provider
    priority fundsReserveRequested fundsReserve related prescription originalPrescription payee referral facility
    claim claimResponse outcome preAuthRefPeriod careTeam supportingInfo diagnosis procedure precedence insurance
    accident item addItem adjudication total payment formCode processNote benefitPeriod benefitBalance
ExplanationOfBenefit.related: claim relationship reference
ExplanationOfBenefit.payee: type party
ExplanationOfBenefit.careTeam: sequence provider responsible role qualification
ExplanationOfBenefit.supportingInfo: sequence category code timing value reason
ExplanationOfBenefit.diagnosis: sequence diagnosis type onAdmission packageCode
ExplanationOfBenefit.procedure: sequence type date procedure udi
ExplanationOfBenefit.insurance: focal coverage
ExplanationOfBenefit.accident: date type location
ExplanationOfBenefit.item: sequence careTeamSequence diagnosisSequence procedureSequence informationSequence revenue
    category productOrService modifier programCode serviced location quantity unitPrice factor net udi bodySite
    subSite encounter noteNumber adjudication detail
ExplanationOfBenefit.item.adjudication: category reason amount value
ExplanationOfBenefit.item.detail: sequence revenue category productOrService modifier programCode quantity unitPrice
    factor net udi noteNumber adjudication subDetail
ExplanationOfBenefit.item.detail.subDetail: sequence revenue category productOrService modifier programCode quantity
    unitPrice factor net udi noteNumber adjudication
ExplanationOfBenefit.addItem: itemSequence detailSequence subDetailSequence provider productOrService modifier
    programCode serviced location quantity unitPrice factor net bodySite subSite noteNumber adjudication detail
ExplanationOfBenefit.addItem.detail: productOrService modifier quantity unitPrice factor net noteNumber adjudication
    subDetail
ExplanationOfBenefit.addItem.detail.subDetail: productOrService modifier quantity unitPrice factor net noteNumber
    adjudication
ExplanationOfBenefit.total: category amount
ExplanationOfBenefit.payment: type adjustment adjustmentReason date amount identifier
ExplanationOfBenefit.processNote: number type language
ExplanationOfBenefit.benefitBalance: category excluded network unit term financial
ExplanationOfBenefit.benefitBalance.financial: type allowed used
InsurancePlan: identifier status type period ownedBy administeredBy coverageArea contact endpoint network coverage
    plan
InsurancePlan.contact: purpose
InsurancePlan.coverage: type network benefit
InsurancePlan.coverage.benefit: type limit
InsurancePlan.coverage.benefit.limit: value code
InsurancePlan.plan: identifier type coverageArea network generalCost specificCost
InsurancePlan.plan.generalCost: type groupSize cost
InsurancePlan.plan.specificCost: category benefit
InsurancePlan.plan.specificCost.benefit: type cost
InsurancePlan.plan.specificCost.benefit.cost: type applicability qualifiers value
Invoice: identifier status type subject recipient date participant issuer account lineItem totalPriceComponent
    totalNet totalGross
Invoice.participant: role actor
Invoice.lineItem: sequence chargeItem priceComponent
Invoice.lineItem.priceComponent: type code factor amount
PaymentNotice: identifier status request response created provider payment paymentDate payee recipient amount
    paymentStatus
PaymentReconciliation: identifier status period created paymentIssuer request requestor outcome paymentDate
    paymentAmount paymentIdentifier detail formCode processNote
PaymentReconciliation.detail: identifier predecessor type request submitter response date responsible payee amount
PaymentReconciliation.processNote: type
`;
