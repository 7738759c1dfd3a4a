import { KMSClient } from '@aws-sdk/client-kms';
import type { KeyBinding } from '../bindings';
import { clientConfig } from './aws-calls';
import { AwsKmsKeyManagement } from './aws-kms-key-management';

/** Keys as a binding names them. Credentials come as the SDK finds them: the role of the function, never the binding. */
export function openKms({ aliasPrefix, ...place }: Extract<KeyBinding, { kind: 'aws-kms' }>): AwsKmsKeyManagement {
  return new AwsKmsKeyManagement(new KMSClient(clientConfig(place)), aliasPrefix);
}
