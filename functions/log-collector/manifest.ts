import { defineManifest, objectStoreUnder, onRequest } from '../manifest';

/** Where collected logs lie in the audit zone: apart from the sealed segments, which its writer cannot touch. */
export const collectedPrefix = 'collected/';

/** Ships the logs of pods and of the key service. No code of ours: its manifest is what its login of the object store may do. */
export const logCollectorManifest = defineManifest({
  name: 'log-collector',
  trigger: onRequest(),
  uses: { audit: objectStoreUnder('audit', collectedPrefix, ['putIfAbsent']) },
});
