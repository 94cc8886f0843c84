import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { withDefaults, type ObjectSchema } from '../../adapters/kube/defaults.ts';
import type { NewVmi } from '../../api/kubevirt.ts';
import { OSVPOOLS, type OsvPool } from '../../api/types.ts';
import { vmName } from '../../domain/names.ts';
import { buildVmi } from '../../domain/vmi/build.ts';
import type { GuestIdentity } from '../../domain/vmi/identity.ts';
import { poolRevision } from '../../domain/vmi/revision.ts';
import { packageRoot } from '../environment.ts';

/** Only the API server knows it. */
const UID = '00000000-0000-0000-0000-000000000000';

/** The VirtualMachineInstances of every OsvPool in a file of manifests, as YAML documents. */
export function renderFile(file: string, text: string, identity: GuestIdentity): string {
  const pools = poolsIn(file, text);
  if (pools.length === 0) throw new Error(`${file}: holds no ${OSVPOOLS.kind}`);
  return pools.map((pool) => stringify(vmiOf(pool, identity), { lineWidth: 0 })).join('---\n');
}

function vmiOf(pool: OsvPool, identity: GuestIdentity): NewVmi {
  const name = vmName(pool.metadata.name, identity.vmId);
  return buildVmi(pool, { ...identity, name, revision: poolRevision(pool.spec) });
}

function poolsIn(file: string, text: string): OsvPool[] {
  const documents = parseAllDocuments(text, { merge: true });
  const [error] = documents.flatMap(({ errors }) => errors);
  if (error !== undefined) throw new Error(`${file}: ${error.message}`);
  return documents
    .map((document) => document.toJS() as { kind?: string; metadata?: object } | null)
    .filter((object) => object?.kind === OSVPOOLS.kind)
    .map((object) => {
      const metadata = { namespace: 'default', uid: UID, ...object?.metadata };
      return filled(file, { ...object, metadata });
    });
}

function filled(file: string, object: object): OsvPool {
  const crd = readFileSync(join(packageRoot, 'crds', 'osvpools.yaml'), 'utf8');
  try {
    return withDefaults(parse(crd, { merge: true }) as ObjectSchema, object) as OsvPool;
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
