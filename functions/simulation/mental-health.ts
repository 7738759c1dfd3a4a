import type { Encounter, EpisodeOfCare, FhirResource } from 'fhir/r4';
import { conditionResource, encounterResource } from './clinical-resources';
import type { HealthEvent, MentalHealthEpisode } from './health-event';
import { dateText, hour, type LondonTime, minute } from './london-time';
import { depressionScore, type Occasion } from './observation-resources';
import { type PatientRecord, patientRecord, patientResource, subjectOf } from './patient-record';
import { mentalHealthTrust } from './providers';
import type { MessageDraft } from './simulated-message';
import type { SimulatedPerson } from './simulated-person';
import { concept, encounterTypes, term, ukCoreExtension, ukCoreProfile, ukCoreSystem } from './terms';

type Kept = FhirResource & { id: string };

/** What the trust sends about a person: resources one by one, and lines for its nightly file. */
export interface MentalHealthOutput {
  readonly drafts: readonly MessageDraft[];
  readonly lines: readonly string[];
}

/**
 * The mental health trust keeps its own ids and puts each resource under its id, again when it has changed; the contacts
 * of its teams go out by night as NDJSON, some of them without an id.
 */
export function mentalHealthOutput(person: SimulatedPerson, history: readonly HealthEvent[]): MentalHealthOutput {
  const episodes = history.filter((event): event is MentalHealthEpisode => event.kind === 'mental-health');
  if (episodes.length === 0) return { drafts: [], lines: [] };
  const { random } = person;
  const record = patientRecord(person, mentalHealthTrust, `R${random.digits(8)}`);
  const drafts: MessageDraft[] = [];
  const lines: string[] = [];
  const put = (resource: FhirResource, what: string, at: LondonTime, delay?: 'later'): void => {
    const draft = {
      provider: mentalHealthTrust,
      kind: 'resource',
      what,
      at,
      body: JSON.stringify(resource),
      resources: 1,
    } as const;
    drafts.push(delay === undefined ? draft : { ...draft, delay });
  };
  const known = patientResource(record, episodes[0]!.at, record.localId);
  put(known, 'patient', episodes[0]!.at);
  for (const episode of episodes) writeEpisode(episode, record, put, lines);
  if (person.died !== undefined)
    put(patientResource(record, person.died + 9 * 24 * hour, record.localId), 'patient', person.died, 'later');
  return { drafts, lines };
}

function writeEpisode(
  { at, until, known, contacts, ward }: MentalHealthEpisode,
  record: PatientRecord,
  put: (resource: FhirResource, what: string, at: LondonTime, delay?: 'later') => void,
  lines: string[],
): void {
  const { person, localId } = record;
  const { random } = person;
  const subject = () => subjectOf(record, `Patient/${localId}`);
  const occasion: Occasion = { person, at, subject, performer: undefined, encounter: undefined };
  const episodeId = random.uuid();
  const episodeOf = (end: LondonTime | undefined): EpisodeOfCare => ({
    resourceType: 'EpisodeOfCare',
    id: episodeId,
    meta: { profile: [ukCoreProfile('EpisodeOfCare')] },
    status: end === undefined ? 'active' : 'finished',
    patient: subject(),
    period: { start: dateText(at), ...(end === undefined ? {} : { end: dateText(end) }) },
  });
  put(episodeOf(undefined), 'episode', at);
  put(
    {
      ...conditionResource(occasion, {
        terms: [known.condition.term],
        category: 'encounter-diagnosis',
        onset: known.since,
      }),
      id: random.uuid(),
    },
    'condition',
    at + hour,
  );
  for (const contact of contacts) {
    const encounterId = random.uuid();
    const encounter = contactEncounter({ ...occasion, at: contact }, encounterId, episodeId);
    // Team diaries export without ids: the lake gives one.
    const { id: _id, ...diary } = encounter;
    lines.push(JSON.stringify(random.chance(0.2) ? diary : encounter));
    if (random.chance(0.5)) {
      const score = depressionScore({ ...occasion, at: contact });
      lines.push(JSON.stringify({ ...score, id: random.uuid() }));
    }
  }
  if (ward !== undefined) {
    const stay = { ...occasion, at: ward.at };
    const stayId = random.uuid();
    put(wardEncounter(stay, stayId, episodeId, ward.detained, undefined), 'ward', ward.at);
    put(wardEncounter(stay, stayId, episodeId, ward.detained, ward.until), 'ward', ward.until, 'later');
  }
  if (random.chance(0.7)) put(episodeOf(until), 'episode', until, 'later');
}

function contactEncounter(occasion: Occasion, id: string, episode: string): Encounter & Kept {
  const remote = occasion.person.random.chance(0.35);
  return {
    ...encounterResource(occasion, {
      class: remote ? 'VR' : 'AMB',
      type: remote ? encounterTypes.telephone : encounterTypes.consultation,
      status: 'finished',
      until: occasion.at + 50 * minute,
      reason: undefined,
      provider: mentalHealthTrust,
    }),
    id,
    episodeOfCare: [{ reference: `EpisodeOfCare/${episode}` }],
  };
}

function wardEncounter(
  occasion: Occasion,
  id: string,
  episode: string,
  detained: boolean,
  until: LondonTime | undefined,
): Encounter {
  const legal = detained
    ? term(
        ukCoreSystem('LegalStatusClassificationEngland'),
        '02',
        'Formally detained under Mental Health Act Section 2',
      )
    : term(ukCoreSystem('LegalStatusClassificationEngland'), '01', 'Informal');
  const context = term(ukCoreSystem('LegalStatusContext'), 'admission', 'Admission');
  return {
    ...encounterResource(occasion, {
      class: 'IMP',
      type: encounterTypes.admission,
      status: until === undefined ? 'in-progress' : 'finished',
      until,
      reason: undefined,
      provider: mentalHealthTrust,
    }),
    id,
    extension: [
      {
        url: ukCoreExtension('LegalStatus'),
        extension: [
          { url: 'legalStatusContext', valueCodeableConcept: concept(context) },
          { url: 'legalStatusClassification', valueCodeableConcept: concept(legal) },
        ],
      },
    ],
    episodeOfCare: [{ reference: `EpisodeOfCare/${episode}` }],
  };
}
