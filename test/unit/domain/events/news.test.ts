import { expect, test } from '@jest/globals';
import type { Statement } from '../../../../src/api/conditions.ts';
import { newsOf } from '../../../../src/domain/events/news.ts';

const said = (type: string, status: Statement['status'], reason: string): Statement => ({
  ...{ type, status, reason, message: `about ${reason}` },
});

test.each<{ why: string; before?: Statement; after: Statement; is?: 'Normal' | 'Warning' }>([
  {
    why: 'a Function is ready for the first time',
    after: said('Ready', 'True', 'Available'),
    is: 'Normal',
  },
  {
    why: 'it goes on being ready',
    before: said('Ready', 'True', 'Available'),
    after: said('Ready', 'True', 'Available'),
  },
  {
    why: 'it is no longer ready',
    before: said('Ready', 'True', 'Available'),
    after: said('Ready', 'False', 'LoadFailed'),
    is: 'Warning',
  },
  {
    why: 'something else is in its way now',
    before: said('Ready', 'False', 'LoadFailed'),
    after: said('Ready', 'False', 'HostTaken'),
    is: 'Warning',
  },
  { why: 'nobody knows yet', after: said('Ready', 'Unknown', 'NoGateway') },
  { why: 'a pool begins', after: said('Ready', 'False', 'Warming') },
  { why: 'a pool has all that it should', after: said('Progressing', 'False', 'Settled') },
  { why: 'VMs are started', after: said('Progressing', 'True', 'Refilling') },
  {
    why: 'the API server refuses VMs',
    after: said('Progressing', 'False', 'CreateRefused'),
    is: 'Warning',
  },
  {
    why: 'a guest is too small',
    after: said('VmsHealthy', 'False', 'GuestOutOfMemory'),
    is: 'Warning',
  },
  {
    why: 'VMs come again',
    before: said('VmsHealthy', 'False', 'x'),
    after: said('VmsHealthy', 'True', 'Healthy'),
  },
  { why: 'a Function is held', after: said('Scaling', 'False', 'WaitingForPool'), is: 'Warning' },
  { why: 'a part of what Ready says', after: said('SourceReady', 'False', 'DownloadFailed') },
])('$why', ({ before, after, is }) => {
  const { type: action, reason, message: note } = after;
  const news = is === undefined ? [] : [{ type: is, reason, action, note }];
  expect(newsOf(before === undefined ? [] : [before], [after])).toEqual(news);
});
