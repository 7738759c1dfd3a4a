import { operatorAccount } from '../../../functions/operator/manifest';
import { desks, operator } from '../recorded-lake';
import { account } from './access-request';
import { type AccessCase, bucketArn, type KeyArns, region, roleArn } from './manifest-cases';

const ann = roleArn(operatorAccount(operator.name));
const invoke = (asked: string) => ({
  action: 'lambda:InvokeFunction',
  resource: `arn:aws:lambda:${region}:${account}:function:lake-test-${asked}`,
});

/** What a person who operates the lake may and may not do, and what others try at the desks. */
export function operatorAttacks(keys: KeyArns): readonly (AccessCase & { readonly name: string })[] {
  const denied = (
    principal: string,
    name: string,
    request: Pick<AccessCase, 'action' | 'resource' | 'context' | 'layer'>,
  ) => ({ principal, name, ...request, allowed: false });
  const own = operatorAccount(operator.name);
  return [
    ...desks.map((desk) => ({ principal: ann, name: `asks ${desk}`, ...invoke(`${desk}:${own}`), allowed: true })),
    ...desks.map((desk) => denied(ann, `asks ${desk} as nobody`, invoke(desk))),
    denied(ann, 'asks a desk as another person', invoke(`operator:${operatorAccount('ben')}`)),
    denied(ann, 'has SQL run past the desk', invoke('mart-sql:operator')),
    denied(ann, 'has a held message replayed past the desk', invoke('quarantine-replay:identity-operator')),
    denied(ann, 'has identities erased past the desk', invoke('identity-erasure:erasure')),
    denied(ann, 'has identities made over past the desk', invoke('identity-key-rotation:key-rotation')),
    denied(ann, 'reads marts', { action: 's3:GetObject', resource: `${bucketArn('marts')}/p/object` }),
    denied(ann, 'reads an object of identity', {
      action: 's3:GetObject',
      resource: `${bucketArn('identity')}/p/object`,
    }),
    denied(ann, 'opens a sealed identity', {
      action: 'kms:Decrypt',
      resource: keys.get('key-identity') ?? '',
      context: { 'kms:EncryptionAlgorithm': 'RSAES_OAEP_SHA_256' },
    }),
    ...['marts', 'ingest', 'erasure', 'mart-sql', 'administrator'].flatMap((other) => {
      const principal = other === 'administrator' ? `arn:aws:iam::${account}:role/administrator` : roleArn(other);
      return desks.flatMap((desk) => [
        // Whatever the role of the other says.
        denied(principal, `${other} asks ${desk} as ${operator.name}`, {
          ...invoke(`${desk}:${own}`),
          layer: 'resource alone',
        }),
      ]);
    }),
  ];
}
