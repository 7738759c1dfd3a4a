import { awsType } from './aws-types';
import { at, isSet, listAt, textAt } from './guarded-resource';
import { areOwn } from './own-accounts';
import { accountsIn } from './policy-judgements';
import { type Rule, unless } from './rule';

const lambda = awsType('lambda', 'Function');
/** Runtimes with security updates (AWS Lambda, "Lambda runtimes"). */
const supported = ['nodejs22.x', 'nodejs24.x'];

export const awsFunctionRules: readonly Rule[] = [
  {
    id: 'lambda-invoked-by-name',
    title: 'A function is invoked by a named source of this account, and has no address of its own',
    references: ['NCSC 11', 'CAF B4.a', 'CAF B2.a', 'SATRE 1.5.03', 'FSBP Lambda.1'],
    types: [awsType('lambda', 'Permission'), awsType('lambda', 'FunctionUrl')],
    property: 'principal, sourceArn, sourceAccount; the accounts they name',
    stack: true,
    wrong: ({ type, props }, graph) => {
      if (type.endsWith(':FunctionUrl')) return 'The function has an address of its own. Take the FunctionUrl out.';
      const principal = textAt(props, 'principal');
      const service = principal.endsWith('.amazonaws.com');
      const named = [principal, textAt(props, 'sourceArn'), textAt(props, 'sourceAccount')];
      return unless(
        principal !== '*' &&
          (!service || (isSet(at(props, 'sourceArn')) && isSet(at(props, 'sourceAccount')))) &&
          areOwn(graph, accountsIn(named)),
        'Anybody, another account, or a service on behalf of either may invoke the function. Name principal, sourceArn and sourceAccount of this account.',
      );
    },
  },
  {
    id: 'lambda-runtime-supported',
    title: 'A function runs on a runtime that gets security updates',
    references: ['NCSC 5', 'CAF B4.d', 'SATRE 2.7.02', 'FSBP Lambda.2'],
    types: [lambda],
    property: 'runtime',
    wrong: ({ props }) =>
      unless(
        supported.includes(textAt(props, 'runtime')) || textAt(props, 'packageType') === 'Image',
        `The runtime is not one that is kept up to date. Allowed: ${supported.join(', ')}.`,
      ),
  },
  {
    id: 'lambda-in-network',
    title: 'A function stands in the private network, in two zones',
    references: ['NCSC 3', 'NCSC 2', 'CAF B4.a', 'CAF B5.b', 'SATRE 2.2.09', 'FSBP Lambda.3', 'FSBP Lambda.5'],
    types: [lambda],
    property: 'vpcConfig.subnetIds, vpcConfig.securityGroupIds',
    wrong: ({ props }) =>
      unless(
        listAt(props, 'vpcConfig.subnetIds').length >= 2 && listAt(props, 'vpcConfig.securityGroupIds').length >= 1,
        'The function does not stand in two subnets of the private network. Give it vpcConfig.',
      ),
  },
  {
    id: 'lambda-failures-kept',
    title: 'What a function could not handle is kept, and it can take no more instances than it was given',
    references: ['NCSC 2', 'CAF B5.b', 'CAF C1.a', 'SATRE 2.3.03', 'SATRE 1.2.09'],
    types: [lambda],
    property: 'deadLetterConfig.targetArn, reservedConcurrentExecutions',
    wrong: ({ props }) =>
      unless(
        isSet(at(props, 'deadLetterConfig.targetArn')) && Number(at(props, 'reservedConcurrentExecutions')) > 0,
        'The function has no dead letters, or no limit of instances. Set deadLetterConfig and reservedConcurrentExecutions.',
      ),
  },
  {
    id: 'lambda-environment-encrypted',
    title: "A function's surroundings are encrypted with a key of the customer",
    references: ['NCSC 2', 'CAF B3.c', 'SATRE 2.8.01'],
    types: [lambda],
    property: 'kmsKeyArn',
    wrong: ({ props }) =>
      unless(isSet(at(props, 'kmsKeyArn')), 'The environment is encrypted with a key of AWS. Set kmsKeyArn.'),
  },
  {
    id: 'lambda-traced',
    title: 'A function leaves a trace of what it called',
    references: ['NCSC 13', 'CAF C1.a', 'SATRE 2.2.13', 'FSBP Lambda.7'],
    types: [lambda],
    property: 'tracingConfig.mode',
    wrong: ({ props }) =>
      unless(
        textAt(props, 'tracingConfig.mode') === 'Active',
        'The function is not traced. Set tracingConfig to Active.',
      ),
  },
];
