import { describe, expect, it } from 'vitest';
import { makeLog } from '../../../src/service/http/log.ts';

async function lines(event: string, fields: Record<string, string | number>): Promise<string[]> {
  const written: string[] = [];
  const log = await makeLog({ node: 'n1', write: (line) => void written.push(line) });
  log.info(event, fields);
  return written;
}

describe('a line of the log', () => {
  it('says when in UTC, what, and the fields it may have', async () => {
    const [line = ''] = await lines('request', { method: 'GET', route: '/v1/me', status: 200, ms: 1.5 });
    const { time, ...rest } = JSON.parse(line) as Record<string, unknown>;
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(rest).toEqual({
      level: 'info',
      node: 'n1',
      message: 'request',
      method: 'GET',
      route: '/v1/me',
      status: 200,
      ms: 1.5,
    });
  });

  it('leaves out every other field', async () => {
    const secrets = {
      email: 'a@b.example',
      password: 'x',
      token: 'okp_x',
      note: 'n',
      address: '203.0.113.9',
      iban: 'DE0',
    };
    const [line = ''] = await lines('login', { user: 'usr_1', ...secrets });
    expect(Object.keys(JSON.parse(line) as object).sort()).toEqual([
      'level',
      'message',
      'node',
      'time',
      'user',
    ]);
  });

  it('is one line whatever is in it, and not endless', async () => {
    const hostile = `x\r\n{"level":"info","message":"forged"}\u001b[31m\u2028${'y'.repeat(10_000)}`;
    const written = await lines('login', { user: hostile, code: hostile });
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/^[^\r\n\u001b]*\n$/);
    expect(written[0]?.length).toBeLessThan(1_000);
    expect((JSON.parse(written[0] ?? '') as { message: string }).message).toBe('login');
  });
});
