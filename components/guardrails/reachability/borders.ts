import type { GraphResource } from './graph-resource';
import { keyOf, type ResourceGraph } from './resource-graph';

/** A way out that the people of the stack decided on. */
export interface DeclaredExit {
  /** The zone that it leaves; every zone when absent. */
  readonly zone?: string;
  readonly to: string;
  /** What may begin it or be reached by it, by its name in the program; everything of the zone when absent. */
  readonly from?: string;
  /** The resource that has to be on the way, by its name in the program. */
  readonly through: string;
}

/** A conversation between zones that the design has, in the direction in which it is begun. */
export interface DeclaredInside {
  readonly from: string;
  readonly to: string;
}

export interface Declared {
  /** Our own accounts. */
  readonly accounts: readonly string[];
  /** Where our data may be; anywhere when absent. */
  readonly regions?: readonly string[];
  readonly organisations?: readonly string[];
  readonly exits?: readonly DeclaredExit[];
  readonly inside?: readonly DeclaredInside[];
  /** ARNs of people's roles that the stack does not make: what they may look at is theirs to answer for. */
  readonly people?: readonly string[];
  /** Domains whose names may be asked, beside those of AWS and of our own private zones. */
  readonly names?: readonly string[];
  /** Buckets of AWS or of the site that are read from and not in the stack. */
  readonly buckets?: readonly string[];
}

export const anyAccount = 'any account';
export const internet = 'internet';
/** Senders: they put into one bucket by an address that a function signed for them. */
export const signedUpload = 'whoever holds a signed upload';

/** What is ours, and whose the rest is. */
export class Borders {
  readonly declared: Declared;
  readonly #graph: ResourceGraph;

  constructor(graph: ResourceGraph, declared: Declared) {
    this.#graph = graph;
    this.declared = declared;
  }

  isOurs(account: string | undefined): boolean {
    return account !== undefined && this.declared.accounts.includes(account);
  }

  isOurOrganisation(organisation: string): boolean {
    return this.declared.organisations?.includes(organisation) === true;
  }

  /** Where a thing named by ARN, account number or bucket name belongs: `undefined` for ours. */
  placeOf(reference: string): string | undefined {
    if (/^[0-9]{12}$/.test(reference)) return this.isOurs(reference) ? undefined : `account ${reference}`;
    if (!reference.startsWith('arn:')) return this.#bucketPlace(reference);
    const [, , service = '', region = '', account = '', name = ''] = reference.split(':');
    if (service === 's3' && account === '') return this.#bucketPlace(name.split('/')[0] ?? '');
    // A resource of AWS itself, as its managed policies are.
    if (account === 'aws' || (account === '' && !['iam', 'sts'].includes(service))) return undefined;
    // An API destination is an address of the internet, wherever its own record stands.
    if (service === 'events' && name.startsWith('api-destination/')) return internet;
    if (this.isOurs(account)) return this.#isElsewhere(region) ? `region ${region}` : undefined;
    return /^[0-9]{12}$/.test(account) ? `account ${account}` : anyAccount;
  }

  /** A region by its name: a pattern of a policy is asked as what it lets through, not here. */
  #isElsewhere(region: string): boolean {
    return /^[a-z]{2}(-[a-z]+)+-[0-9]$/.test(region) && this.declared.regions?.includes(region) === false;
  }

  /** A bucket's name says nothing of its owner: what is not in the stack may be anybody's. */
  #bucketPlace(bucket: string): string | undefined {
    const ours = this.#graph.find(bucket, 'aws:s3/bucket:Bucket') ?? this.declared.buckets?.includes(bucket);
    return ours === undefined || ours === false ? anyAccount : undefined;
  }

  /** The node of the graph that a delivery goes to: the resource when it is in the stack, else the place of its owner. */
  destinationOf(reference: string, account?: string): string | undefined {
    if (account !== undefined && !this.isOurs(account)) return `account ${account}`;
    const resource: GraphResource | undefined = this.#graph.find(reference);
    return resource === undefined ? this.placeOf(reference) : keyOf(resource);
  }
}
