import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { TestTask } from '../testing/operator-context.ts'
import { start } from './testing/run.ts'
import { createSmtp, type Received, type TestSmtp } from './testing/smtp.ts'

let smtp: TestSmtp
beforeAll(async () => {
  smtp = await createSmtp()
})
afterAll(() => smtp.close())

const basics = {
  _command: { data: 'hello' },
  from: 'suiro@example.com',
  to: 'ann@example.com',
  subject: 'Done',
}

/** What reaches the server when a task of these parameters runs. */
async function sent(params: JsonObject, task: TestTask = {}): Promise<Received> {
  const before = smtp.received.length
  await run(params, task)
  return smtp.received[before]!
}

const run = (params: JsonObject, task: TestTask = {}) =>
  start({ ...basics, mail: { host: '127.0.0.1', port: smtp.port }, ...params }, task).result

describe('mail> sends', () => {
  test('a text', async () => {
    const received = await sent({})
    expect(received).toMatchObject({ from: 'suiro@example.com', to: ['ann@example.com'] })
    expect(received.content).toContain('From: suiro@example.com\r\nTo: ann@example.com\r\n')
    expect(received.content).toContain('Subject: Done\r\n')
    expect(received.content).toContain('Content-Type: text/plain; charset=utf-8\r\n')
    expect(received.content).toMatch(/\r\n\r\nhello\s*$/)
  })

  test('a rendered file of the project, relative to _workdir', async () => {
    const files = { 'mails/body.txt': 'for ${who}' }
    const render = async (text: string): Promise<string> => text.replace('${who}', 'Ann')
    const whole = await sent({ _command: 'mails/body.txt' }, { files, render })
    expect(whole.content).toMatch(/\r\n\r\nfor Ann\s*$/)
    const below = await sent({ _command: 'body.txt', _workdir: 'mails' }, { files, render })
    expect(below.content).toMatch(/\r\n\r\nfor Ann\s*$/)
    await expect(run({ _command: 'none.txt' })).rejects.toThrow('File not found: none.txt')
    await expect(run({ _command: {} })).rejects.toThrow("Parameter 'data' is required")
    await expect(run({ _command: null })).rejects.toThrow("Parameter '_command' is required")
  })

  test('HTML, and letters of all languages', async () => {
    const { content } = await sent({
      html: 'true',
      _command: { data: '<b>é</b>' },
      subject: '完了',
    })
    expect(content).toContain('Content-Type: text/html; charset=utf-8\r\n')
    expect(content).toContain('Content-Transfer-Encoding: quoted-printable')
    expect(content).toContain('<b>=C3=A9</b>')
    expect(content).toContain(`Subject: =?UTF-8?B?${Buffer.from('完了').toString('base64')}?=`)
  })

  test('to lists, texts and JSON texts of addresses, each once', async () => {
    const { to, content } = await sent({
      to: ['"Ann B" <ann@example.com>', 'bob@example.com'],
      cc: '["carol@example.com"]',
      bcc: 'dan@example.com, ann@example.com',
    })
    expect(to).toEqual([
      'ann@example.com',
      'bob@example.com',
      'carol@example.com',
      'dan@example.com',
    ])
    expect(content).toContain('To: Ann B <ann@example.com>, bob@example.com\r\n')
    expect(content).toContain('Cc: carol@example.com\r\n')
    expect(content).not.toMatch(/dan@|bcc/i)
    expect((await sent({ to: [], bcc: ['dan@example.com'] })).to).toEqual(['dan@example.com'])
  })

  test.each([
    [{ to: 'nobody' }, "Invalid address: 'nobody'"],
    [{ to: [7] }, 'Invalid address: 7'],
    [{ cc: 'ann@' }, "Invalid address: 'ann@'"],
    [{ to: null }, "Parameter 'to' is required but null"],
    [{ to: [] }, "Parameter 'to' names nobody"],
    [{ from: 'a@example.com, b@example.com' }, "Parameter 'from' must be one address"],
    [{ from: null }, "Parameter 'from' is required"],
    [{ subject: null }, "Parameter 'subject' is required"],
  ])('nothing to %o', async (params, message) => {
    await expect(run(params)).rejects.toThrow(message)
  })

  test('files of the project with it', async () => {
    const { content } = await sent(
      {
        attach_files: [
          { path: 'data/report.csv' },
          { path: 'data/x.bin', filename: 'picture.png', content_type: 'image/png' },
        ],
      },
      { files: { 'data/report.csv': 'a,b\n', 'data/x.bin': 'png' } },
    )
    expect(content).toContain('Content-Type: multipart/mixed')
    expect(content).toContain('Content-Type: application/octet-stream; name=report.csv')
    expect(content).toContain('Content-Disposition: attachment; filename=report.csv')
    expect(content).toContain(Buffer.from('a,b\n').toString('base64'))
    expect(content).toContain('Content-Type: image/png; name=picture.png')
  })

  test('no other files', async () => {
    const files = { 'a/b.txt': 'b' }
    for (const path of ['none.txt', '../../../../etc/hostname', '/etc/hostname', 'a']) {
      const attached = run({ attach_files: [{ path }] }, { files })
      await expect(attached).rejects.toThrow(`File not found: ${path}`)
    }
    await expect(run({ attach_files: ['a/b.txt'] }, { files })).rejects.toThrow('Each is a mapping')
    await expect(run({ attach_files: [{}] }, { files })).rejects.toThrow("Parameter 'path' is")
    // What looks like an address or a file in a text stays a text.
    expect((await sent({ _command: { data: 'file:///etc/hostname' } })).content).toContain('file:')
  })
})
