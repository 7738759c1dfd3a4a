/** Clinical.Care and Clinical.Request. Notation: element-rules.ts. */
export const careRules = `
CarePlan: identifier basedOn replaces partOf status intent category subject encounter period created author
    contributor careTeam addresses supportingInfo goal activity
CarePlan.activity: outcomeCodeableConcept outcomeReference reference detail
CarePlan.activity.detail: kind code reasonCode reasonReference goal status statusReason doNotPerform scheduled
    location performer product dailyAmount quantity
CareTeam: identifier status category subject encounter period participant reasonCode reasonReference
    managingOrganization
CareTeam.participant: role member onBehalfOf period
Communication: identifier basedOn partOf inResponseTo status statusReason category priority medium subject topic
    about encounter sent received recipient sender reasonCode reasonReference payload
Communication.payload: content
CommunicationRequest: identifier basedOn replaces groupIdentifier status statusReason category priority doNotPerform
    medium subject about encounter payload occurrence authoredOn requester recipient sender reasonCode
    reasonReference
CommunicationRequest.payload: content
DeviceRequest: identifier basedOn priorRequest groupIdentifier status intent priority code parameter subject
    encounter occurrence authoredOn requester performerType performer reasonCode reasonReference insurance
    supportingInfo relevantHistory
DeviceRequest.parameter: code value
DeviceUseStatement: identifier basedOn status subject derivedFrom timing recordedOn source device reasonCode
    reasonReference bodySite
Goal: identifier lifecycleStatus achievementStatus category priority description subject start target statusDate
    expressedBy addresses outcomeCode outcomeReference
Goal.target: measure detail due
GuidanceResponse: requestIdentifier identifier status subject encounter occurrenceDateTime performer reasonCode
    reasonReference evaluationMessage outputParameters result
NutritionOrder: identifier status intent patient encounter dateTime orderer allergyIntolerance
    foodPreferenceModifier excludeFoodModifier oralDiet supplement enteralFormula
NutritionOrder.oralDiet: type schedule nutrient texture fluidConsistencyType
NutritionOrder.oralDiet.nutrient: modifier amount
NutritionOrder.oralDiet.texture: modifier foodType
NutritionOrder.supplement: type schedule quantity
NutritionOrder.enteralFormula: baseFormulaType additiveType caloricDensity routeofAdministration administration
    maxVolumeToDeliver
NutritionOrder.enteralFormula.administration: schedule quantity rate
RequestGroup: identifier basedOn replaces groupIdentifier status intent priority code subject encounter authoredOn
    author reasonCode reasonReference action
RequestGroup.action: priority code condition relatedAction timing participant type groupingBehavior
    selectionBehavior requiredBehavior precheckBehavior cardinalityBehavior resource action
RequestGroup.action.condition: kind
RequestGroup.action.relatedAction: relationship offset
RiskAssessment: identifier basedOn parent status method code subject encounter occurrence condition performer
    reasonCode reasonReference basis prediction
RiskAssessment.prediction: outcome probability qualitativeRisk relativeRisk when
ServiceRequest: identifier basedOn replaces requisition status intent category priority doNotPerform code
    orderDetail quantity subject encounter occurrence asNeeded authoredOn requester performerType performer
    locationCode locationReference@location reasonCode reasonReference insurance supportingInfo specimen bodySite
    relevantHistory
SupplyDelivery: identifier basedOn partOf status patient type suppliedItem occurrence supplier destination@location
    receiver
SupplyDelivery.suppliedItem: quantity item
SupplyRequest: identifier status category priority item quantity parameter occurrence authoredOn requester supplier
    reasonCode reasonReference deliverFrom deliverTo
SupplyRequest.parameter: code value
VisionPrescription: identifier status created patient encounter dateWritten prescriber lensSpecification
VisionPrescription.lensSpecification: product eye sphere cylinder axis prism add power backCurve diameter duration
VisionPrescription.lensSpecification.prism: amount base
`;
