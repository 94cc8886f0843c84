import type { ControlPlane } from '../../src/local/controlplane/index.ts';

export default async function tearDown(): Promise<void> {
  const { osvFaasTestControlPlane } = globalThis as { osvFaasTestControlPlane?: ControlPlane };
  await osvFaasTestControlPlane?.stop();
}
