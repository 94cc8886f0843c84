import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { Authority } from '../../../src/local/controlplane/pki/certificates.ts';
import { kubeconfig } from '../../../src/local/controlplane/pki/kubeconfig.ts';

const NOW = new Date('2026-03-01T12:00:00Z');

test('a server certificate is of its authority, for its addresses, for a year', async () => {
  const authority = await Authority.create('test-ca', NOW);
  const leaf = await authority.issue({ name: 'server', hosts: ['127.0.0.1', 'localhost'] }, NOW);
  const ca = new X509Certificate(authority.certificate.cert);
  const certificate = new X509Certificate(leaf.cert);
  expect(ca.ca).toBe(true);
  expect(certificate.ca).toBe(false);
  expect(certificate.checkIssued(ca)).toBe(true);
  expect(certificate.verify(ca.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(leaf.key))).toBe(true);
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(certificate.checkHost('localhost')).toBe('localhost');
  expect(certificate.checkHost('example.org')).toBeUndefined();
  expect(certificate.validFromDate).toEqual(new Date('2026-03-01T11:00:00Z'));
  expect(certificate.validToDate).toEqual(new Date('2027-03-01T12:00:00Z'));
});

test('a client certificate carries user and groups as Kubernetes reads them', async () => {
  const authority = await Authority.create('test-ca', NOW);
  const leaf = await authority.issue({ name: 'ann', groups: ['dev', 'ops'] }, NOW);
  const { subject } = new X509Certificate(leaf.cert);
  expect(subject.split('\n').sort()).toEqual(['CN=ann', 'O=dev', 'O=ops']);
});

test('an authority that is read again signs as before, and another one does not', async () => {
  const first = await Authority.create('test-ca', NOW);
  const again = await Authority.read(first.certificate);
  const other = await Authority.create('test-ca', NOW);
  const leaf = new X509Certificate((await again.issue({ name: 'a' }, NOW)).cert);
  expect(leaf.verify(new X509Certificate(first.certificate.cert).publicKey)).toBe(true);
  expect(leaf.verify(new X509Certificate(other.certificate.cert).publicKey)).toBe(false);
});

test('a kubeconfig has one context that needs no other file', () => {
  const endpoint = { server: 'https://127.0.0.1:1', ca: 'CA' };
  const config = JSON.parse(kubeconfig(endpoint, { user: 'ann', token: 't' }, 'shop')) as object;
  expect(config).toMatchObject({
    'current-context': 'osv-faas-local',
    contexts: [{ context: { cluster: 'osv-faas-local', user: 'ann', namespace: 'shop' } }],
    clusters: [
      { cluster: { server: 'https://127.0.0.1:1', 'certificate-authority-data': 'Q0E=' } },
    ],
    users: [{ name: 'ann', user: { token: 't' } }],
  });
});
