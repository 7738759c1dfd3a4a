import { awsAccessRules } from './aws-access';
import { awsApiRules } from './aws-api';
import { awsAuditRules } from './aws-audit';
import { awsDatabaseRules } from './aws-databases';
import { awsEventRules } from './aws-events';
import { awsFunctionRules } from './aws-functions';
import { awsKeyRules } from './aws-keys';
import { awsNetworkRules } from './aws-network';
import { awsObjectStoreRules } from './aws-object-store';
import { awsPlacementRules } from './aws-placement';
import { awsWorkspaceRules } from './aws-workspaces';
import { kubernetesPlaceRules } from './kubernetes-places';
import { kubernetesPodRules } from './kubernetes-pods';
import type { Rule } from './rule';

/** Every guard rail there is. */
export const rules: readonly Rule[] = [
  ...awsAccessRules,
  ...awsApiRules,
  ...awsAuditRules,
  ...awsDatabaseRules,
  ...awsEventRules,
  ...awsFunctionRules,
  ...awsKeyRules,
  ...awsNetworkRules,
  ...awsObjectStoreRules,
  ...awsPlacementRules,
  ...awsWorkspaceRules,
  ...kubernetesPlaceRules,
  ...kubernetesPodRules,
];
