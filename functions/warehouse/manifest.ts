import { defineManifest, type Manifest, objectStore, onRequest } from '../manifest';

const readOnly = ['read', 'head', 'list'] as const;

/** The SQL engine of the lake. No code of ours: its manifest is what its login of the object store may do. */
export const warehouseManifest = defineManifest({
  name: 'warehouse',
  trigger: onRequest(),
  uses: { curated: objectStore('curated', readOnly), marts: objectStore('marts', readOnly) },
});

/** The SQL engine of the research environment: it can open the marts, whatever anyone asks it. */
export const researchWarehouseManifest = defineManifest({
  name: 'research-warehouse',
  trigger: onRequest(),
  uses: { marts: objectStore('marts', readOnly) },
});

/** Readers of tables that are not functions: they get logins and bucket policies as functions do. */
export const readerManifests: readonly Manifest[] = [warehouseManifest, researchWarehouseManifest];
