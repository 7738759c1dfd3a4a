import { type KeyName, keyUses } from '../../functions/manifest';

/**
 * What a KMS key is made as, by its one use; the adapter expects the same (adapters/aws/kms-key-versions.ts).
 * KMS rotates the material of symmetric keys alone
 * (https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html): a new version of another is another key.
 */
const specs = {
  dataKeys: { customerMasterKeySpec: 'SYMMETRIC_DEFAULT', keyUsage: 'ENCRYPT_DECRYPT', rotates: true },
  publicKeyWrap: { customerMasterKeySpec: 'RSA_4096', keyUsage: 'ENCRYPT_DECRYPT', rotates: false },
  sign: { customerMasterKeySpec: 'ECC_NIST_P384', keyUsage: 'SIGN_VERIFY', rotates: false },
  mac: { customerMasterKeySpec: 'HMAC_256', keyUsage: 'GENERATE_VERIFY_MAC', rotates: false },
} as const;

export const awsKeySpecOf = (key: KeyName): (typeof specs)[keyof typeof specs] => specs[keyUses[key]];

/** Keys of services: each for the data of one, at rest. */
export const serviceKeyNames = [
  'state-lake',
  'state-identity',
  'events',
  'functions',
  'secrets',
  'logs',
  'evidence',
  'backup',
  'catalogue',
  'curation',
  'warehouse',
] as const;
export type ServiceKeyName = (typeof serviceKeyNames)[number];

interface ServiceKeyUse {
  /** Services that use it for a principal of the account, as `kms:ViaService` names them, without region. */
  readonly through: readonly string[];
  /** Services that use it in their own name, for this account alone. */
  readonly services: readonly string[];
  /** Whoever could use it could read a database: those who deploy, the service itself and whom the stack names. */
  readonly named?: true;
}

export const serviceKeyUses: Readonly<Record<ServiceKeyName, ServiceKeyUse>> = {
  // RDS makes itself a grant when the cluster is made (AWS KMS, "Amazon RDS"); a copy is restored in the name of who asks.
  'state-lake': { through: ['rds'], services: [], named: true },
  'state-identity': { through: ['rds'], services: [], named: true },
  // A topic that is encrypted takes messages of a service only if the service may use the key (SNS Developer Guide, "Key management").
  events: { through: ['sns', 'sqs'], services: ['sns', 'events', 'cloudwatch', 'budgets', 'costalerts'] },
  functions: { through: ['lambda', 'scheduler'], services: [] },
  // The logins of the databases' first users.
  secrets: { through: ['secretsmanager', 'rds'], services: [], named: true },
  logs: { through: [], services: ['logs.REGION'] },
  evidence: { through: ['s3'], services: ['cloudtrail', 'config', 'delivery.logs'] },
  backup: { through: ['backup', 's3', 'rds'], services: [] },
  catalogue: { through: ['glue'], services: [] },
  curation: { through: ['s3', 'states', 'emr-serverless', 'scheduler'], services: ['delivery.logs'] },
  // With it the disks of the research environment.
  warehouse: { through: ['redshift', 'redshift-serverless', 'secretsmanager', 'ec2'], services: [] },
};
