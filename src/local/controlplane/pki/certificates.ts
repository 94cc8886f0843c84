// x509 asks for it and does not bring it; it must come first.
import 'reflect-metadata';
import { generateKeyPairSync, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate and its private key, both PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface LeafRequest {
  /** Common name: of a client its user name. */
  readonly name: string;
  /** Organisations: of a client its groups. */
  readonly groups?: readonly string[];
  /** Names and addresses that a server answers under. */
  readonly hosts?: readonly string[];
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 24 * 60 * 60 * 1000;
const CA_DAYS = 3650;
const LEAF_DAYS = 365;

x509.cryptoProvider.set(webcrypto);

/** An authority that signs certificates; its files may be kept and read again. */
export class Authority {
  readonly certificate: Certificate;
  readonly #issuer: x509.X509Certificate;
  readonly #signingKey: webcrypto.CryptoKey;

  private constructor(certificate: Certificate, signingKey: webcrypto.CryptoKey) {
    this.certificate = certificate;
    this.#issuer = new x509.X509Certificate(certificate.cert);
    this.#signingKey = signingKey;
  }

  static async create(name: string, now: Date): Promise<Authority> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: [{ CN: [name] }],
      ...validity(now, CA_DAYS),
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const key = await pemOf(keys.privateKey);
    return new Authority({ cert: `${certificate.toString('pem')}\n`, key }, keys.privateKey);
  }

  static async read(certificate: Certificate): Promise<Authority> {
    const der = x509.PemConverter.decodeFirst(certificate.key);
    const key = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
    return new Authority(certificate, key);
  }

  /** Good for servers and for clients, a year. */
  async issue(request: LeafRequest, now: Date): Promise<Certificate> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.create({
      subject: subjectOf(request),
      issuer: this.#issuer.subjectName.toJSON(),
      ...validity(now, LEAF_DAYS),
      publicKey: keys.publicKey,
      signingKey: this.#signingKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.serverAuth,
          x509.ExtendedKeyUsage.clientAuth,
        ]),
        ...namesOf(request.hosts ?? []),
      ],
    });
    return { cert: `${certificate.toString('pem')}\n`, key: await pemOf(keys.privateKey) };
  }
}

/** Key pair that signs service account tokens, PEM. */
export function createTokenKeys(): { readonly publicKey: string; readonly privateKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

/** One relative name for each group: Kubernetes reads every O as a group. */
function subjectOf({ name, groups = [] }: LeafRequest): x509.JsonName {
  return [...groups.map((group) => ({ O: [group] })), { CN: [name] }];
}

function namesOf(hosts: readonly string[]): x509.Extension[] {
  if (hosts.length === 0) return [];
  const names = hosts.map((value) => ({ type: isAddress(value) ? 'ip' : 'dns', value }) as const);
  return [new x509.SubjectAlternativeNameExtension(names)];
}

function isAddress(host: string): boolean {
  return /^[0-9.]+$|:/.test(host);
}

/** From an hour ago: the clock of a container or VM may lag. */
function validity(now: Date, days: number): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: new Date(now.getTime() - 60 * 60 * 1000),
    notAfter: new Date(now.getTime() + days * DAY_MS),
  };
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key);
  return `${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n`;
}
