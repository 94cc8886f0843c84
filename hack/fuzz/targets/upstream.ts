/** What a VM answers, as the gateway reads it. */
import { AnswerReader, type AnswerSink } from '../../../src/gateway/upstream/reader.ts';
import { must, piecesOf, type Input, type Target } from '../target.ts';

const HEAD = 'HTTP/1.1 200 OK\r\n';

export function open(): Target {
  return {
    seeds: [
      `${HEAD}content-length: 5\r\nset-cookie: a=b\r\n\r\nhello`,
      `${HEAD}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n5;a=b\r\nhello\r\n0\r\nt: 1\r\n\r\n`,
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\n${HEAD}content-length: 0\r\n\r\n`,
      `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nraw`,
      `HTTP/1.0 404 Not Found\r\nosv-faas-error: FunctionUnknown\r\n\r\nuntil the end`,
      `HTTP/1.1 204 No Content\r\nx: y\r\nconnection: x\r\n\r\n`,
    ].map((text) => Buffer.from(text, 'latin1')),
    tokens: [
      ...[
        'HTTP/1.1 ',
        '102 P\r\n\r\n',
        '\r\n',
        '\n',
        ': ',
        '0\r\n\r\n',
        'a: b\r\n',
        '\0',
        ' ',
        '\t',
      ],
      ...[
        'content-length: ',
        'transfer-encoding: chunked\r\n',
        'ffffffffffff\r\n',
        '5\r\nhello\r\n',
      ],
      ...[
        'HTTP/1.1 100 C\r\n\r\n',
        HEAD,
        'connection: ',
        'osv-faas-',
        '-1',
        '99999999999999999999',
      ],
    ],
    run,
  };
}

/** Whatever comes, it is read the same in one piece and in many. */
function run(input: Input): void {
  for (const method of ['GET', 'HEAD']) {
    const whole = read(method, { ...input, cuts: [] });
    const pieces = read(method, input);
    must(whole === pieces, `pieces make no difference: ${whole} is not ${pieces}`);
  }
}

/** What the client would see. */
function read(method: string, input: Input): string {
  let head: string | undefined;
  let body = '';
  let data = 0;
  const sink: AnswerSink = {
    onHead(answer) {
      must(head === undefined, 'an answer has one head');
      must(answer.headers.length % 2 === 0, 'each header has a name and a value');
      must(!/[\r\n\0]/.test(answer.headers.join('')), 'no header holds a line end');
      head = `${answer.status} ${answer.statusText} ${answer.headers.join()}`;
    },
    onData(bytes) {
      must(head !== undefined, 'the head comes before the body');
      data += bytes.length;
      body += bytes.toString('latin1');
    },
    onPause: () => undefined,
  };
  const reader = new AnswerReader(method, sink);
  let end = 'more';
  for (const piece of piecesOf(input)) {
    const progress = reader.read(piece);
    if (progress.kind === 'more') continue;
    // How much follows in the same piece is the one thing that depends on the pieces.
    end = progress.kind === 'invalid' ? progress.detail : progress.kind;
    break;
  }
  must(data <= input.bytes.length, 'no more comes out than went in');
  return `${end} ${head ?? 'no head'} ${body}`;
}
