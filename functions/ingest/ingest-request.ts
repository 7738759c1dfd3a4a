import type { Interaction } from './interaction';

/** Who sends: a verified token, nothing taken from the message. */
export interface Sender {
  readonly clientId: string;
  /** ODS code of the organisation the credentials belong to. */
  readonly ods: string;
  readonly nhsNumberPolicy: 'reject' | 'quarantine' | 'flag';
  /** Canonical URL of the profile its resources are checked against when they name none. */
  readonly defaultProfile?: string | undefined;
}

export interface IngestRequest {
  readonly sender: Sender;
  readonly requestId: string;
  readonly correlationId: string | undefined;
  readonly interaction: Interaction;
  /** Method and path, for the digest and the audit; never holds an identifier of a person. */
  readonly route: string;
  readonly body: string;
  /** A replay of a held message: when it is still not understood it is refused, for it lies in quarantine already. */
  readonly heldBefore?: boolean;
}
