import type { OsvPool } from '../../api/types.ts';
import type { InformerEvent } from '../../runtime/kube.ts';

/** Whether only the status differs, as it does with every VM: what others make of a pool follows from its spec. */
export function isStatusOnly(event: InformerEvent<OsvPool>): boolean {
  if (event.type !== 'updated') return false;
  const [before, after] = [event.previous.metadata, event.object.metadata];
  return (
    before.uid === after.uid &&
    before.generation === after.generation &&
    before.deletionTimestamp === after.deletionTimestamp
  );
}
