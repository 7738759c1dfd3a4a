/** A kind of case in which the two validators differ, and why it stays so. */
export interface Difference {
  /** As docs/findings.md names it. */
  readonly name: string;
  /** Who finds an error where the other finds none. */
  readonly finds: 'hapi' | 'lake';
  /** Every finding of a case is one of these: HAPI's message id and text, or the lake's issue code and diagnostics. */
  readonly errors: RegExp;
  readonly reason: string;
  readonly source: string;
}

const r4 = 'https://hl7.org/fhir/R4/';
const validator = 'org.hl7.fhir.validation 6.7.9 (HAPI 8.8.1)';
const lookedUp = 'Terminology_PassThrough_TX_Message: ';

export const differences: readonly Difference[] = [
  {
    name: 'unknown modifier extension',
    finds: 'lake',
    errors: /^extension The modifier extension is not known/,
    reason:
      'HAPI is told to take any extension, so that unknown plain ones are no difference; it has no setting for modifiers alone.',
    source: `${r4}extensibility.html#modifierExtension`,
  },
  {
    name: 'object of an id alone',
    finds: 'lake',
    errors: /^invariant An element must hold a value or children/,
    reason:
      'ele-1 is hasValue() or (children().count() > id.count()): an object of an id alone fails it. HAPI leaves ele-1 out.',
    source: `${r4}element.html#invs`,
  },
  {
    name: 'form or target type of a reference',
    finds: 'lake',
    errors: /^value (?:The reference is in no form|A relative reference names|The reference points to a type)/,
    reason: 'HAPI looks at references it can resolve only; form and type can be told from the reference itself.',
    source: `${r4}references.html#literal`,
  },
  {
    name: 'empty or uneven arrays of primitives',
    finds: 'lake',
    errors: /^structure (?:A list must not be empty|A list and its _ sibling)/,
    reason: 'An array is never empty, and the two arrays of a repeating primitive are of one length; HAPI takes both.',
    source: `${r4}json.html#primitive`,
  },
  {
    name: 'base64 of a Binary',
    finds: 'lake',
    errors: /^value The value is not in the format of base64Binary/,
    reason: 'HAPI takes any text as the data of a Binary.',
    source: `${r4}datatypes.html#base64Binary`,
  },
  {
    name: 'media types',
    finds: 'lake',
    errors: /^code-invalid .* http:\/\/hl7\.org\/fhir\/ValueSet\/mimetypes\./,
    reason: 'HAPI takes any text as a media type; the required value set is the grammar of RFC 6838.',
    source: `${r4}valueset-mimetypes.html`,
  },
  {
    name: 'a required coding or quantity without its system or code',
    finds: 'lake',
    errors:
      /^code-invalid The code is not in the required value set \S+ValueSet\/(?:all-(?:languages|distance-units)|UKCore-MedicationChangeStatus) /,
    reason: 'A required binding asks for a code of the set with its system; HAPI looks only at codings that have both.',
    source: `${r4}terminologies.html#required`,
  },
  {
    name: 'rqg-1 of a nested action that claims a profile',
    finds: 'lake',
    errors: /^invariant .*\(rule rqg-1 of FHIR R4\)/,
    reason:
      'HAPI finds the same in the same resource without its claim, and loses the rule behind the contentReference with it.',
    source: `${r4}requestgroup.html#invs`,
  },
  {
    name: "an extension's own maximum inside a data type",
    finds: 'lake',
    errors: /^structure At most 1 of extension:(?:allergyIntoleranceEnd|reference) is allowed here/,
    reason:
      'The definition of the extension says 0..1. The snapshots HAPI is given have it on every other slice and lose it inside Coding and CodeableConcept.',
    source: `${r4}defining-extensions.html#cardinality`,
  },
  {
    name: 'failures of HAPI',
    finds: 'hapi',
    errors: /^FAILED /,
    reason: 'HAPI ends in an exception instead of a verdict; what the lake finds there is not compared.',
    source: validator,
  },
  {
    name: 'a resource of its type alone',
    finds: 'hapi',
    errors: /(?:Bundle#bdl-5|Parameters#inv-1): |^BUNDLE_ENTRY_URL_MATCHES_NO_ID: /,
    reason:
      'HAPI drops a resource without elements and then misses it. R4 asks no element of most types; the ingestion profile says what is missing.',
    source: `${r4}json.html#resources`,
  },
  {
    name: 'rng-2 with a unit at one end',
    finds: 'hapi',
    errors: /Range#rng-2: .*(?:HAPI-0676|lunit)/,
    reason:
      'HAPI reports the exception of its comparison as the rule broken; amounts in different units cannot be compared.',
    source: validator,
  },
  {
    name: "codes of other bodies' systems",
    finds: 'hapi',
    errors: new RegExp(
      `^${lookedUp}(?:Code \\S+ is not valid for system: urn:iso|Unknown code 'urn:iso)|^CONCEPTMAP_GROUP_\\w+_CODE_INVALID: `,
    ),
    reason:
      'HAPI knows the countries of ISO 3166 and the signatures of ASTM E1762, and looks up what a ConceptMap maps; the lake carries neither.',
    source: `${r4}terminologies.html`,
  },
  {
    name: 'codes of UK Core where no profile binds them',
    finds: 'hapi',
    errors: new RegExp(
      `^${lookedUp}Unknown code 'https://fhir\\.hl7\\.org\\.uk/CodeSystem/UKCore-RecordStandardHeadings#`,
    ),
    reason:
      'A newer UK Core may have the code: outside the bindings of a profile that is claimed the lake keeps it as it was given.',
    source: `${r4}datatypes.html#Coding`,
  },
  {
    name: 'a system without a code',
    finds: 'hapi',
    errors: new RegExp(`^${lookedUp}(?:Unknown code '[^'#]*#(?:null)?'|Code null is not valid)`),
    reason: 'HAPI looks up the empty code. Coding.code is 0..1, and outside required bindings nothing asks for it.',
    source: `${r4}datatypes.html#Coding`,
  },
  {
    name: "codes of HL7's own code systems outside required bindings",
    finds: 'hapi',
    errors: new RegExp(
      `^${lookedUp}Unknown code 'http://(?:terminology\\.hl7\\.org/CodeSystem|hl7\\.org/fhir)/[^'#]+#[^']+'`,
    ),
    reason:
      'HAPI carries all code systems of HL7; the lake carries those of the required bindings and of the configured packages.',
    source: `${r4}terminologies.html#strength`,
  },
  {
    name: 'languages',
    finds: 'hapi',
    errors: new RegExp(`^${lookedUp}(?:Code "[^"]*" is not in valueset|Inappropriate CodeSystem URL).*languages`),
    reason:
      "HAPI holds the preferred set of 56 common languages as if it were required (British Sign Language, 'bfi', is not in it); the lake checks the form of the tag where R4 asks for it.",
    source: `${r4}valueset-languages.html`,
  },
  {
    name: 'languages a profile requires',
    finds: 'hapi',
    errors:
      /^Terminology_(?:PassThrough_TX_Message: CodeSystem is unknown and can't be validated: https:\/\/example|PassThrough_TX_Message: Code "[^"]*" is not in valueset: .*all-languages|PassThrough_TX_Message: CodeSystem is unknown and can't be validated: urn:ietf:bcp:47|TX_NoValid_1_CC: .*ValueSet\/all-languages)/,
    reason:
      "UK Core's own examples with British Sign Language ('bfi' of BCP 47, beside a SNOMED code for Makaton) fail in HAPI, which knows 56 languages; the lake holds tags to their form (RFC 5646) and carries no registry of them.",
    source: `${r4}valueset-all-languages.html`,
  },
  {
    name: 'slices by value sets that need a terminology server',
    finds: 'hapi',
    errors: /^Validation_VAL_Profile_MatchMultiple: .*valueset-PaLM, valueset-PBCL/,
    reason:
      'Two slices told apart by SNOMED CT sets: without a terminology server HAPI takes a code for a member of both, the lake of neither.',
    source: `${r4}profiling.html#discriminator`,
  },
  {
    name: 'slicing that a profile cannot decide',
    finds: 'hapi',
    errors: /^SLICING_CANNOT_BE_EVALUATED: .*UKCore-Observation-VitalSigns-BloodPressure/,
    reason: 'The profile slices by a system it does not fix: a fault of the profile, not of the resource.',
    source: `${r4}profiling.html#discriminator`,
  },
  {
    name: 'units',
    finds: 'hapi',
    errors: new RegExp(`^${lookedUp}Error processing unit`),
    reason: 'HAPI parses UCUM; the lake keeps the unit as it was given, and checks no grammar of units.',
    source: `${r4}valueset-ucum-units.html`,
  },
  {
    name: 'a required code of extensions alone',
    finds: 'hapi',
    errors: /^Terminology_TX_Code_ValueSet(?:_MISSING)?: No code provided/,
    reason: 'The element holds an extension that says why there is no code; R4 lets an extension stand for a value.',
    source: `${r4}extensibility.html#Special-Case`,
  },
  {
    name: 'systems that are not absolute',
    finds: 'hapi',
    errors: /^(?:Terminology_TX_System_Relative|Type_Specific_Checks_DT_Identifier_System): /,
    reason:
      "R4 types them as uri, which may be relative, and states no rule; org.hl7.fhir.core issue 545 says that the rule is the validator's.",
    source: `${r4}datatypes.html#uri`,
  },
  {
    name: 'values of identifiers in a URI system',
    finds: 'hapi',
    errors: /^TYPE_SPECIFIC_CHECKS_DT_IDENTIFIER_IETF_SYSTEM_(?:VALUE|WRONG_1): /,
    reason: 'R4 says which system a URI goes by, not that nothing else goes by that system.',
    source: `${r4}datatypes.html#Identifier`,
  },
  {
    name: 'definitions and editorial policy of HL7',
    finds: 'hapi',
    errors: /^(?:ERROR_GENERATING_SNAPSHOT|VALIDATION_HL7_PUBLISHER_MISMATCH|IG_HL7_\w+|SD_\w+|SM_\w+): /,
    reason:
      'What a StructureDefinition, StructureMap or ImplementationGuide means; HAPI also has no package to build snapshots from here.',
    source: validator,
  },
  {
    name: 'links of a document and its Bundle',
    finds: 'hapi',
    errors:
      /^(?:BUNDLE_BUNDLE_ENTRY_\w+|Bundle_BUNDLE_\w+|BUNDLE_ENTRY_URL_MATCHES_TYPE_ID|BUNDLE_LINK_SEARCH_(?:PROHIBITED|NO_DUPLICATES)|DUPLICATE_ID|Reference_REF_Format1|REFERENCE_REF_QUERY_INVALID): /,
    reason:
      'Whether a document holds all it refers to. R4 has no invariant for it; the ingest function resolves references itself.',
    source: `${r4}documents.html#content`,
  },
  {
    name: 'links inside narratives',
    finds: 'hapi',
    errors:
      /^(?:Type_Specific_Checks_DT_XHTML_Resolve|TEXT_LINK_\w+|Reference_REF_WrongTarget|Reference_REF_BadTargetType): /,
    reason:
      'Where a hyperlink in a narrative leads, and profiles of what it leads to; the narrative is never shown or kept here.',
    source: `${r4}narrative.html`,
  },
  {
    name: 'signatures',
    finds: 'hapi',
    errors: /^BUNDLE_SIGNATURE_\w+: /,
    reason: 'The sender is known by its token; the certificates of the examples are not at hand.',
    source: `${r4}signatures.html`,
  },
  {
    name: "HL7's own extension definitions",
    finds: 'hapi',
    errors:
      /^(?:Extension_EXT_Type|Extension_PROF_Type|_DT_Fixed_Wrong|Extension_EXT_SubExtension_Invalid): |^Validation_VAL_Profile_\w+: .*\(from http:\/\/hl7\.org\/fhir\/StructureDefinition\/translation|^Terminology_TX_NoValid_16: .*'(?:DataAbsentReason|messageheader-response-request)'/,
    reason: 'HAPI carries the definitions of HL7; the lake knows the packages that are configured.',
    source: `${r4}extensibility.html`,
  },
  {
    name: 'forms of UUIDs and canonicals inside a uri',
    finds: 'hapi',
    errors: /^(?:Type_Specific_Checks_DT_UUID_Valid|TYPE_SPECIFIC_CHECKS_CANONICAL_ABSOLUTE): /,
    reason: "Prose without a rule, and HL7's own R4 examples do not keep it.",
    source: `${r4}datatypes.html#uri`,
  },
  {
    name: 'a second code given twice',
    finds: 'hapi',
    errors: /^CODESYSTEM_DUPLICATE_CODE: /,
    reason: 'csd-1 fails before the change and after it, for both; HAPI also counts the codes.',
    source: `${r4}codesystem.html#invs`,
  },
  {
    name: 'md-1 without a max',
    finds: 'hapi',
    errors: /MessageDefinition#md-1: /,
    reason: 'max is 0..1, and without it md-1 gives nothing; nothing is asked where nothing is stated.',
    source: `${r4}messagedefinition.html#invs`,
  },
];
