/**
 * Bindings: what a component puts into a function's environment and a host reads back. Plain data, a tagged union per
 * port; the kinds and their fields are the whole vocabulary, no adapter reads anything else from the environment.
 */
export type ObjectStoreBinding =
  | { readonly kind: 'file'; readonly root: string }
  | { readonly kind: 'memory' }
  | {
      readonly kind: 's3';
      readonly bucket: string;
      readonly region: string;
      /** For stores other than AWS. */
      readonly endpoint?: string;
      readonly forcePathStyle?: boolean;
      /** The bucket was made with Object Lock: it keeps versions, retention and holds. */
      readonly objectLock?: boolean;
      /** Days for which what is put cannot be replaced or deleted by anybody; needs `objectLock`. */
      readonly retainDays?: number;
      /** Senders reach this endpoint themselves: it may be signed for them. */
      readonly signedUploads?: boolean;
    }
  | { readonly kind: 'azure-blob'; readonly accountUrl: string; readonly container: string };

export type KeyBinding =
  | { readonly kind: 'key-file'; readonly folder: string }
  | {
      readonly kind: 'openbao';
      readonly address: string;
      /** Mount of the transit engine. */
      readonly mount: string;
      /** Role of the Kubernetes auth method; without one a token is read from `tokenFile`. */
      readonly role?: string;
      readonly jwtFile?: string;
      readonly tokenFile?: string;
    }
  | {
      readonly kind: 'aws-kms';
      readonly region: string;
      /** Keys are found as `alias/<aliasPrefix>/<name of the key>`. */
      readonly aliasPrefix: string;
      /** For emulators. */
      readonly endpoint?: string;
    };

export type StateBinding =
  | { readonly kind: 'sqlite'; readonly file: string }
  | {
      readonly kind: 'postgres';
      readonly host: string;
      readonly port: number;
      readonly database: string;
      /** The function's own role. */
      readonly user: string;
      /** A file with its password: a mounted secret, never the binding itself. */
      readonly passwordFile: string;
      /** A file with the certificate authority; without it the connection is not encrypted (kind only). */
      readonly caFile?: string;
    }
  | {
      /** Aurora PostgreSQL, logged in to by IAM: no password anywhere, TLS always. */
      readonly kind: 'aurora-iam';
      readonly host: string;
      readonly port: number;
      readonly database: string;
      /** The function's own role, granted `rds_iam`. */
      readonly user: string;
      readonly region: string;
      /** The certificate authority of RDS; without it those that Node trusts. */
      readonly caFile?: string;
    };

export type EventsBinding =
  | { readonly kind: 'in-process' }
  /** A Knative broker, or the function itself where there is none. */
  | { readonly kind: 'cloudevents'; readonly sink: string }
  | {
      readonly kind: 'sns';
      readonly region: string;
      readonly topicArn: string;
      /** For emulators. */
      readonly endpoint?: string;
    };

/** A Hive metastore: tables are registered there as Delta, for engines that find tables by it. */
export interface HiveBinding {
  readonly kind: 'hive';
  readonly host: string;
  readonly port: number;
  /** URL of each zone as the engines know it: `s3://bucket`, without a slash at its end. */
  readonly curated: string;
  readonly marts: string;
}

/** The Glue Data Catalog: tables are registered there as Delta. */
export interface GlueBinding {
  readonly kind: 'glue';
  readonly region: string;
  /** Names of the catalogue's databases, which the stack makes. */
  readonly curatedDatabase: string;
  readonly martsDatabase: string;
  /** URL of each zone as the engines know it: `s3://bucket`, without a slash at its end. */
  readonly curated: string;
  readonly marts: string;
  /** For emulators. */
  readonly endpoint?: string;
}

/** Where no metastore is, the lake's own state database is the catalogue. */
export type CatalogueBinding = StateBinding | HiveBinding | GlueBinding;

export type QueryBinding = {
  readonly kind: 'duckdb';
  readonly spoolFolder: string;
  /** Bytes. */
  readonly memoryLimit?: number;
  readonly threads?: number;
};

/** How a function asks another. */
export type RequestsBinding =
  | { readonly kind: 'in-process' }
  | {
      readonly kind: 'http';
      /** Takes POST requests. */
      readonly address: string;
      /** A file with a token for this one audience, renewed by whoever mounts it: it proves who asks. */
      readonly tokenFile: string;
    }
  | {
      /** Invokes a function on Lambda under the alias that stands for the one that asks. */
      readonly kind: 'lambda';
      readonly region: string;
      readonly functionName: string;
      /** The alias. */
      readonly qualifier: string;
      /** For emulators. */
      readonly endpoint?: string;
    };

/** How a function that is asked learns who asks. */
export type CallersBinding =
  | { readonly kind: 'in-process' }
  /** By the alias it was invoked under. */
  | { readonly kind: 'lambda-alias' }
  | {
      /** OpenBao says whose token it is: it asks the API server of the cluster (TokenReview), or checks the issuer's signature. */
      readonly kind: 'openbao';
      readonly address: string;
      /** Mount of the auth method, `kubernetes` or one of the method `jwt`. */
      readonly method: string;
      /** Its role: which accounts may ask here, and for which audience a token must be. */
      readonly role: string;
    };

export interface PortBindings {
  readonly objectStore: ObjectStoreBinding;
  readonly key: KeyBinding;
  readonly state: StateBinding;
  readonly events: EventsBinding;
  readonly catalogue: CatalogueBinding;
  readonly query: QueryBinding;
  readonly requests: RequestsBinding;
  readonly callers: CallersBinding;
}

/** One function's environment: a binding for each name its manifest uses, no more and no less. */
export type FunctionBinding = Readonly<Record<string, PortBindings[keyof PortBindings]>>;

type Fields = Readonly<
  Record<string, Readonly<Record<string, 'string' | 'number' | 'boolean?' | 'string?' | 'number?'>>>
>;

const stateFields = {
  sqlite: { file: 'string' },
  postgres: {
    host: 'string',
    port: 'number',
    database: 'string',
    user: 'string',
    passwordFile: 'string',
    caFile: 'string?',
  },
  'aurora-iam': {
    host: 'string',
    port: 'number',
    database: 'string',
    user: 'string',
    region: 'string',
    caFile: 'string?',
  },
} satisfies Fields;

/** The fields each kind needs, for the check at start; optional ones carry a `?`. */
export const bindingFields: {
  readonly [Port in keyof PortBindings]: Fields;
} = {
  objectStore: {
    file: { root: 'string' },
    memory: {},
    s3: {
      bucket: 'string',
      region: 'string',
      endpoint: 'string?',
      forcePathStyle: 'boolean?',
      objectLock: 'boolean?',
      retainDays: 'number?',
      signedUploads: 'boolean?',
    },
    'azure-blob': { accountUrl: 'string', container: 'string' },
  },
  key: {
    'key-file': { folder: 'string' },
    openbao: { address: 'string', mount: 'string', role: 'string?', jwtFile: 'string?', tokenFile: 'string?' },
    'aws-kms': { region: 'string', aliasPrefix: 'string', endpoint: 'string?' },
  },
  state: stateFields,
  events: {
    'in-process': {},
    cloudevents: { sink: 'string' },
    sns: { region: 'string', topicArn: 'string', endpoint: 'string?' },
  },
  catalogue: {
    ...stateFields,
    hive: { host: 'string', port: 'number', curated: 'string', marts: 'string' },
    glue: {
      region: 'string',
      curatedDatabase: 'string',
      martsDatabase: 'string',
      curated: 'string',
      marts: 'string',
      endpoint: 'string?',
    },
  },
  query: { duckdb: { spoolFolder: 'string', memoryLimit: 'number?', threads: 'number?' } },
  requests: {
    'in-process': {},
    http: { address: 'string', tokenFile: 'string' },
    lambda: { region: 'string', functionName: 'string', qualifier: 'string', endpoint: 'string?' },
  },
  callers: { 'in-process': {}, 'lambda-alias': {}, openbao: { address: 'string', method: 'string', role: 'string' } },
};
