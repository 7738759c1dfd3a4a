import { awsType } from './aws-types';
import { at, isSet, listAt, textAt, textsAt } from './guarded-resource';
import { type Rule, unless } from './rule';

const cluster = awsType('rds', 'Cluster');
const instance = awsType('rds', 'ClusterInstance');
const workgroup = awsType('redshiftserverless', 'Workgroup');
const namespace = awsType('redshiftserverless', 'Namespace');
/** A parameter of a group or a workgroup, under any of the names that the classes give it. */
const parameter = (list: readonly unknown[], name: string): string =>
  list
    .filter((one) => [textAt(one, 'name'), textAt(one, 'parameterKey')].includes(name))
    .map((one) => String(at(one, 'value') ?? at(one, 'parameterValue')))
    .join();

/** State database and warehouse. */
export const awsDatabaseRules: readonly Rule[] = [
  {
    id: 'rds-encrypted',
    title: 'The state database is encrypted with a key of the customer',
    references: ['NCSC 2', 'CAF B3.c', 'SATRE 2.8.01', 'FSBP RDS.27'],
    types: [cluster],
    property: 'storageEncrypted, kmsKeyId',
    wrong: ({ props }) =>
      unless(
        at(props, 'storageEncrypted') === true && isSet(at(props, 'kmsKeyId')),
        'The database is not encrypted with a key of its own. Set storageEncrypted and kmsKeyId.',
      ),
  },
  {
    id: 'rds-backed-up',
    title: 'The state database is backed up for a week or more, and not deleted by mistake',
    references: ['NCSC 2', 'CAF B5.c', 'CAF B3.c', 'SATRE 2.4.05', 'FSBP RDS.7', 'FSBP RDS.11'],
    types: [cluster],
    property: 'backupRetentionPeriod, deletionProtection, skipFinalSnapshot',
    wrong: ({ props }) =>
      unless(
        Number(at(props, 'backupRetentionPeriod')) >= 7 &&
          at(props, 'deletionProtection') === true &&
          at(props, 'skipFinalSnapshot') !== true,
        'The database is kept for less than a week, or can be deleted. Set backupRetentionPeriod and deletionProtection.',
      ),
  },
  {
    id: 'rds-identity-login',
    title: 'Functions log in to the state database by their roles, without passwords',
    references: ['NCSC 10', 'CAF B2.a', 'SATRE 1.5.05', 'FSBP RDS.12'],
    types: [cluster],
    property: 'iamDatabaseAuthenticationEnabled',
    wrong: ({ props }) =>
      unless(
        at(props, 'iamDatabaseAuthenticationEnabled') === true,
        'Functions need a password. Set iamDatabaseAuthenticationEnabled.',
      ),
  },
  {
    id: 'rds-tls',
    title: 'The state database refuses connections without TLS',
    references: ['NCSC 1', 'CAF B3.b', 'SATRE 2.8.02', 'FSBP RDS.38'],
    types: [awsType('rds', 'ClusterParameterGroup')],
    property: 'parameters: rds.force_ssl',
    wrong: ({ props }) =>
      unless(
        parameter(listAt(props, 'parameters'), 'rds.force_ssl') === '1',
        'The database takes connections without TLS. Set rds.force_ssl to 1 in its parameter group.',
      ),
  },
  {
    id: 'rds-private',
    title: 'The state database has no public address',
    references: ['NCSC 11', 'CAF B3.b', 'CAF B4.a', 'SATRE 2.2.09', 'FSBP RDS.2'],
    types: [instance],
    property: 'publiclyAccessible',
    wrong: ({ props }) =>
      unless(
        at(props, 'publiclyAccessible') === false,
        'The instance may get a public address. Set publiclyAccessible to false.',
      ),
  },
  {
    id: 'rds-logged',
    title: 'The state database sends its log on',
    references: ['NCSC 13', 'CAF C1.a', 'SATRE 2.5.03', 'FSBP RDS.37'],
    types: [cluster],
    property: 'enabledCloudwatchLogsExports',
    wrong: ({ props }) =>
      unless(
        textsAt(props, 'enabledCloudwatchLogsExports').includes('postgresql'),
        'The log stays on the server. Add postgresql to enabledCloudwatchLogsExports.',
      ),
  },
  {
    id: 'redshift-private',
    title: 'The warehouse has no public address, and its traffic stays in the network',
    references: [
      'NCSC 11',
      'CAF B3.b',
      'CAF B4.a',
      'SATRE 2.2.09',
      'FSBP RedshiftServerless.1',
      'FSBP RedshiftServerless.3',
    ],
    types: [workgroup],
    property: 'publiclyAccessible, enhancedVpcRouting',
    wrong: ({ props }) =>
      unless(
        at(props, 'publiclyAccessible') === false && at(props, 'enhancedVpcRouting') === true,
        'The warehouse may be reached from, or reach, outside. Set publiclyAccessible to false and enhancedVpcRouting.',
      ),
  },
  {
    id: 'redshift-tls',
    title: 'The warehouse refuses connections without TLS',
    references: ['NCSC 1', 'CAF B3.b', 'SATRE 2.8.02', 'FSBP RedshiftServerless.2'],
    types: [workgroup],
    property: 'configParameters: require_ssl',
    wrong: ({ props }) =>
      unless(
        parameter(listAt(props, 'configParameters'), 'require_ssl') === 'true',
        'The warehouse takes connections without TLS. Set the parameter require_ssl to true.',
      ),
  },
  {
    id: 'redshift-encrypted',
    title: 'The warehouse is encrypted with a key of the customer',
    references: ['NCSC 2', 'CAF B3.c', 'SATRE 2.8.01', 'FSBP RedshiftServerless.4'],
    types: [namespace],
    property: 'kmsKeyId',
    wrong: ({ props }) =>
      unless(isSet(at(props, 'kmsKeyId')), 'The warehouse is encrypted with a key of AWS. Set kmsKeyId.'),
  },
  {
    id: 'redshift-logged',
    title: 'The warehouse tells who connected, who they are and what they asked',
    references: ['NCSC 13', 'CAF C1.a', 'SATRE 2.2.14', 'SATRE 2.5.03', 'FSBP RedshiftServerless.6'],
    types: [namespace],
    property: 'logExports',
    wrong: ({ props }) =>
      unless(
        ['userlog', 'connectionlog', 'useractivitylog'].every((log) => textsAt(props, 'logExports').includes(log)),
        'Not all logs of the warehouse are kept. Add userlog, connectionlog and useractivitylog to logExports.',
      ),
  },
  {
    id: 'redshift-own-names',
    title: "The warehouse's administrator and database are not called what everybody's are",
    references: ['NCSC 10', 'CAF B2.c', 'SATRE 1.5.06', 'FSBP RedshiftServerless.5', 'FSBP RedshiftServerless.7'],
    types: [namespace],
    property: 'adminUsername, dbName',
    wrong: ({ props }) =>
      unless(
        !['', 'admin', 'awsuser'].includes(textAt(props, 'adminUsername')) &&
          !['', 'dev'].includes(textAt(props, 'dbName')),
        'The administrator or the database has the name that AWS gives. Give each another.',
      ),
  },
];
