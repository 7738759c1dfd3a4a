import type { LondonTime } from './london-time';
import type { KnownCondition } from './simulated-person';
import type { admissionDiagnoses, complaints, electiveProcedures, Term } from './terms';

type Complaint = (typeof complaints)[number];
type Diagnosis = (typeof admissionDiagnoses)[number];

/** What happens to somebody, before anybody writes it down. */
export type HealthEvent =
  | { readonly kind: 'registration'; readonly at: LondonTime }
  | { readonly kind: 'consultation'; readonly at: LondonTime; readonly reason: Term; readonly telephone: boolean }
  | { readonly kind: 'review'; readonly at: LondonTime; readonly known: KnownCondition }
  | { readonly kind: 'diagnosis'; readonly at: LondonTime; readonly known: KnownCondition }
  | { readonly kind: 'flu'; readonly at: LondonTime; readonly given: boolean }
  | { readonly kind: 'move'; readonly at: LondonTime }
  | UrgentCall
  | AmbulanceIncident
  | EmergencyAttendance
  | Admission
  | MentalHealthEpisode
  | { readonly kind: 'death'; readonly at: LondonTime; readonly inHospital: boolean };

/** Marks the events of one journey: a call, an ambulance, an emergency department, a ward. */
interface JourneyStep {
  readonly at: LondonTime;
  readonly complaint: Complaint;
}

export interface UrgentCall extends JourneyStep {
  readonly kind: 'call';
  readonly disposition: 'ambulance' | 'emergency-department' | 'practice' | 'self-care';
}

export interface AmbulanceIncident extends JourneyStep {
  readonly kind: 'incident';
  readonly category: 1 | 2 | 3;
  readonly conveyed: boolean;
}

export interface EmergencyAttendance extends JourneyStep {
  readonly kind: 'attendance';
  readonly until: LondonTime;
  readonly arrival: 'ambulance' | 'own-transport';
  readonly admitted: boolean;
}

export interface Admission {
  readonly kind: 'admission';
  readonly at: LondonTime;
  readonly until: LondonTime;
  readonly emergency: boolean;
  readonly diagnosis: Pick<Diagnosis, 'term' | 'icd' | 'respiratory'>;
  readonly procedure: (typeof electiveProcedures)[number] | undefined;
  readonly died: boolean;
}

export interface MentalHealthEpisode {
  readonly kind: 'mental-health';
  readonly at: LondonTime;
  readonly until: LondonTime;
  readonly known: KnownCondition;
  readonly contacts: readonly LondonTime[];
  /** A stay on a ward, detained or not. */
  readonly ward: { readonly at: LondonTime; readonly until: LondonTime; readonly detained: boolean } | undefined;
}
