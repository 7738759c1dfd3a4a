import { auditStore } from '../audit/audit-log';
import { defineManifest, key, onRequest, state } from '../manifest';
import { oidcStorageStore } from './oidc-storage';
import { providerRegisterStore } from './provider-register';

/** The issuer reads who is registered, keeps what it must remember of tokens, and signs with a key it never sees. */
export const providerAccessManifest = defineManifest({
  name: 'provider-access',
  trigger: onRequest(),
  uses: {
    register: state(providerRegisterStore, ['find']),
    storage: state(oidcStorageStore, ['put', 'putNew', 'find', 'remove', 'sweep']),
    key: key('issuer', ['sign', 'publicKey']),
    audit: state(auditStore, ['append']),
  },
});

/** Says at the gateway whether a token is good, before a function is called. It sees no register and nothing that was sent. */
export const authoriserManifest = defineManifest({
  name: 'authoriser',
  trigger: onRequest(),
  uses: { issuerKey: key('issuer', ['publicKey']) },
});
