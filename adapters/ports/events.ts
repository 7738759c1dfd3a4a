/**
 * Events: CloudEvents 1.0, at least once, in no promised order, dead letter after N failed deliveries.
 * Duplicates and disorder must be harmless to every subscriber. An event carries references and counts, never content.
 */
export interface LakeEvent {
  readonly specversion: '1.0';
  /** Unique with `source`; a repeat has the same id. */
  readonly id: string;
  /** Reverse DNS, for example `uk.nhs.lake.landed.v1`. */
  readonly type: string;
  readonly source: string;
  /** RFC 3339. */
  readonly time: string;
  readonly subject?: string;
  readonly datacontenttype: 'application/json';
  readonly data: unknown;
}

export interface Events {
  /** Returns once the event will be delivered even if this process dies. */
  publish(event: LakeEvent): Promise<void>;
}
