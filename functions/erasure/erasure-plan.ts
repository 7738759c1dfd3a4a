import type { MessageOrigin } from '../identity/identity-register';

/** What one erasure must reach, written down in the same transaction that makes it invisible; pseudonyms only. */
export interface ErasurePlan {
  readonly id: string;
  /** Why: people asked for it when it is absent. */
  readonly reason?: 'retention';
  /** Re-keyed ids of Patients. */
  readonly patients: readonly string[];
  readonly resources: readonly { readonly provider: string; readonly type: string; readonly id: string }[];
  /** Lines to blank in landed segments. */
  readonly segments: readonly {
    readonly segment: string;
    readonly provider: string;
    readonly lines: readonly number[];
  }[];
  /** Requests whose sealed originals hold the person. */
  readonly requests: readonly { readonly provider: string; readonly requestId: string }[];
  /** Messages about the person that wait for review. */
  readonly held: readonly MessageOrigin[];
  /** Objects of the identity zone that hold those originals. */
  readonly identityObjects: readonly { readonly key: string; readonly provider: string }[];
}

/** What was erased, by count: nothing in it points to anybody. */
export interface ErasureCounts {
  /** Records that were past their time; absent when somebody asked for the erasure. */
  readonly people?: number;
  readonly resources: Readonly<Record<string, number>>;
  readonly segments: number;
  readonly originals: number;
  readonly curatedRows: number;
  readonly identityRecords: number;
  readonly heldMessages: number;
  readonly martsRebuilt: readonly string[];
  /** Files of research extracts that were still in the lake: they do not say whom they hold, so all go. */
  readonly extractFiles: number;
}

/** A signed statement that an erasure is complete. */
export interface ErasureCertificate {
  readonly id: string;
  /** RFC 3339: from this moment nobody could read what was erased. */
  readonly requested: string;
  readonly completed: string;
  /** `retention`: it was past its time. Absent: somebody asked for it. */
  readonly reason?: 'retention';
  readonly erased: ErasureCounts;
  /** Of the key `audit`, over the canonical JSON (RFC 8785) of everything above. */
  readonly signature: { readonly algorithm: 'ES384'; readonly keyVersion: number; readonly value: string };
}
