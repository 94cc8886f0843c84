import { describe, expect, test } from '@jest/globals';
import { readTarget, targetFault } from '../../../../src/domain/routing/target.ts';

function faultOf(target: string): string | undefined {
  const query = target.indexOf('?');
  return targetFault(target, query === -1 ? target.length : query);
}

describe('targetFault', () => {
  test.each([
    { target: '/', why: 'the root' },
    { target: '/a/b/', why: 'a slash at the end' },
    { target: '/a%20b', why: 'an encoded space is one segment for everybody' },
    { target: '/a%2eb', why: 'an encoded dot inside a segment is no dot segment' },
    { target: '/.well-known/x', why: 'a name may begin with a dot' },
    { target: '/a...b/...', why: 'three dots are a name' },
    { target: '/a?u=http://x//y/../z%2f', why: 'a query is no path' },
    { target: '/%C3%A9', why: 'encoded UTF-8 is fine' },
  ])('lets $target through: $why', ({ target }) => {
    expect(faultOf(target)).toBeUndefined();
  });

  test.each([
    { target: '', rule: 'begin with', why: 'empty' },
    { target: '*', rule: 'begin with', why: 'the asterisk form is for servers as a whole' },
    { target: 'http://u@h/a', rule: 'begin with', why: 'an absolute form that nobody may send' },
    { target: '/a//b', rule: 'empty segments', why: 'two readers may join or keep them' },
    { target: '//a/b', rule: 'empty segments', why: 'it reads like a host' },
    { target: '/a/../b', rule: '".."', why: 'it leads elsewhere once normalised' },
    { target: '/a/..', rule: '".."', why: 'at the end too' },
    { target: '/a/./b', rule: '"."', why: 'it vanishes once normalised' },
    { target: '/a/%2e%2E/b', rule: '".."', why: 'dots in disguise' },
    { target: '/a/.%2e/b', rule: '".."', why: 'half in disguise' },
    { target: '/a%2fb', rule: 'encoded slashes', why: 'one segment or two' },
    { target: '/a%5Cb', rule: 'encoded slashes', why: 'a slash to some' },
    { target: '/a\\b', rule: '"\\"', why: 'a slash to some' },
    { target: '/a#b', rule: '"#"', why: 'fragments are never sent' },
    { target: '/a%00b', rule: 'control characters', why: 'ends a string in C' },
    { target: '/a%0d%0ab', rule: 'control characters', why: 'splits a header downstream' },
    { target: '/a%zz', rule: 'hexadecimal', why: 'no encoding at all' },
    { target: '/a%2', rule: 'hexadecimal', why: 'cut off' },
    { target: '/a\u00e9', rule: 'printable ASCII', why: 'bytes that must be encoded' },
    { target: '/a?b c', rule: 'printable ASCII', why: 'a space ends the target' },
  ])('refuses $target: $why', ({ target, rule }) => {
    expect(JSON.stringify(faultOf(target))).toContain(JSON.stringify(rule).slice(1, -1));
  });
});

describe('readTarget', () => {
  test.each([
    ['/a?b=http://c/', '/a?b=http://c/', undefined, 'no absolute form'],
    ['http://h/a?b', '/a?b', 'h', 'an absolute one'],
    ['HTTPS://h:8443/a', '/a', 'h:8443', 'with a port, in any case'],
    ['http://h', '/', 'h', 'no path is the root'],
    ['http://h?a=/b', '/?a=/b', 'h', 'a query without a path'],
    ['http://[::1]:80/', '/', '[::1]:80', 'an IPv6 address'],
    ['http://u:p@h/', 'http://u:p@h/', undefined, 'user information'],
    ['http:///a', 'http:///a', undefined, 'no host'],
    ['ftp://h/a', 'ftp://h/a', undefined, 'another scheme'],
    ['*', '*', undefined, 'the asterisk form'],
  ])('%s is %s at %s: %s', (...[from, target, authority]) => {
    expect(readTarget(from)).toEqual({ target, authority });
  });
});
