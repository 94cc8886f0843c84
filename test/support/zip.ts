import { crc32, deflateRawSync } from 'node:zlib';

export interface Member {
  readonly path: string;
  readonly content?: string | Buffer;
  /** 0: stored; 8: deflated, as is usual. */
  readonly method?: number;
  /** Of Unix; none where it was made elsewhere. */
  readonly mode?: number;
  readonly encrypted?: boolean;
  /** What the archive says of the content, where that is not so. */
  readonly size?: number;
  readonly crc?: number;
}

/** A zip as its format says (APPNOTE.TXT 6.3), with whatever lies its members tell. */
export function zipOf(...members: readonly Member[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const member of members) {
    const { head, data, entry } = written(member, at);
    parts.push(head, data);
    directory.push(entry);
    at += head.length + data.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, list, end]);
}

function written(member: Member, at: number): { head: Buffer; data: Buffer; entry: Buffer } {
  const { path, content = '', method = 8, mode, encrypted = false } = member;
  const bytes = Buffer.from(content);
  const name = Buffer.from(path);
  const data = method === 8 ? deflateRawSync(bytes) : bytes;
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  // Names are UTF-8.
  common.writeUInt16LE(0x800 | (encrypted ? 1 : 0), 2);
  common.writeUInt16LE(method, 4);
  common.writeUInt32LE(member.crc ?? crc32(bytes), 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(member.size ?? bytes.length, 18);
  common.writeUInt16LE(name.length, 22);
  const rest = Buffer.alloc(14);
  if (mode !== undefined) rest.writeUInt32LE((mode << 16) >>> 0, 6);
  rest.writeUInt32LE(at, 10);
  const made = Buffer.from([20, mode === undefined ? 0 : 3]);
  const entry = [Buffer.from('PK\x01\x02', 'latin1'), made, common, rest, name];
  return {
    head: Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, name]),
    data,
    entry: Buffer.concat(entry),
  };
}
