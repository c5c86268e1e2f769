import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../config.ts'

const read = (env: Record<string, string>) =>
  readConfig({ DATABASE_URL: 'postgres://localhost/suiro', ...env })

describe('settings of http>', () => {
  test('are those of Digdag when nothing is set', () => {
    expect(read({}).http).toEqual({
      allowUserProxy: true,
      environment: {},
      maxRedirects: 8,
      mostContent: 65_536,
      userAgent: 'Suiro',
    })
  })

  test('name proxies, in Suiro’s own variable or the usual ones', () => {
    const { http } = read({
      SUIRO_HTTP_PROXY: 'https://proxy:3128',
      SUIRO_HTTP_ALLOW_USER_PROXY: 'false',
      SUIRO_HTTP_USER_AGENT: 'Shop/1',
      http_proxy: 'proxy:1',
      HTTPS_PROXY: 'http://user:pass@proxy:2',
      no_proxy: 'localhost',
    })
    expect(http).toMatchObject({
      proxy: 'https://proxy:3128',
      allowUserProxy: false,
      userAgent: 'Shop/1',
      environment: {
        http: 'http://proxy:1',
        https: 'http://user:pass@proxy:2',
        except: 'localhost',
      },
    })
  })

  test('that are wrong are reported without passwords', () => {
    const wrong = () =>
      read({
        SUIRO_HTTP_PROXY: 'u:hidden@proxy',
        https_proxy: 'socks5://u:hidden@proxy',
        SUIRO_HTTP_MAX_REDIRECTS: '-1',
      })
    for (const name of ['SUIRO_HTTP_PROXY', 'https_proxy', 'SUIRO_HTTP_MAX_REDIRECTS']) {
      expect(wrong).toThrow(name)
    }
    expect(wrong).not.toThrow('hidden')
  })
})

describe('settings of mail>', () => {
  test('are one server, sender and subject', () => {
    const { mail } = read({
      SUIRO_MAIL_HOST: 'smtp.example.com',
      SUIRO_MAIL_SSL: 'true',
      SUIRO_MAIL_USERNAME: 'me',
      SUIRO_MAIL_PASSWORD: 'pass',
      SUIRO_MAIL_CONNECT_TIMEOUT: '1m 30s',
      SUIRO_MAIL_FROM: 'Suiro <suiro@example.com>',
      SUIRO_MAIL_SUBJECT: 'News',
    })
    expect(mail).toEqual({
      server: {
        ...{ host: 'smtp.example.com', port: 465, tls: true, ssl: true, debug: false },
        ...{ username: 'me', password: 'pass', connectSeconds: 90, socketSeconds: 180 },
      },
      from: 'Suiro <suiro@example.com>',
      subject: 'News',
    })
    expect(read({}).mail).toEqual({})
  })

  test('that are wrong are reported', () => {
    expect(() => read({ SUIRO_MAIL_PORT: '25' })).toThrow('SUIRO_MAIL_HOST is not set')
    const wrong = () =>
      read({
        SUIRO_MAIL_HOST: 'h',
        SUIRO_MAIL_PASSWORD: 'hidden',
        SUIRO_MAIL_TLS: 'yes',
        SUIRO_MAIL_FROM: 'nobody',
        SUIRO_MAIL_SOCKET_TIMEOUT: '5',
      })
    for (const name of ['USERNAME', 'TLS must be true or false', 'FROM', 'SOCKET_TIMEOUT']) {
      expect(wrong).toThrow(`SUIRO_MAIL_${name}`)
    }
    expect(wrong).not.toThrow('hidden')
  })
})

describe('settings of notifications', () => {
  test('are none unless a type is set', () => {
    expect(read({}).notifications).toBeUndefined()
    expect(read({ SUIRO_NOTIFICATION_TYPE: 'none' }).notifications).toBeUndefined()
    expect(() => read({ SUIRO_NOTIFICATION_TYPE: 'pager' })).toThrow(
      'SUIRO_NOTIFICATION_TYPE must be none or http or mail or shell, but is "pager"',
    )
  })

  test('name a webhook', () => {
    const { notifications } = read({
      SUIRO_NOTIFICATION_TYPE: 'http',
      SUIRO_NOTIFICATION_HTTP_URL: 'https://hooks.example.com/x',
      SUIRO_NOTIFICATION_HTTP_HEADERS: '{"Authorization": "Bearer t"}',
      SUIRO_NOTIFICATION_HTTP_FORMAT: 'slack',
    })
    expect(notifications).toEqual({
      ...{ retries: 10, minRetryWaitMilliseconds: 1000, maxRetryWaitMilliseconds: 30_000 },
      channel: {
        ...{ type: 'http', url: 'https://hooks.example.com/x', method: 'POST', format: 'slack' },
        headers: { Authorization: 'Bearer t' },
      },
    })
    const wrong = () =>
      read({
        SUIRO_NOTIFICATION_TYPE: 'http',
        SUIRO_NOTIFICATION_HTTP_HEADERS: 'Authorization: hidden',
      })
    expect(wrong).toThrow('SUIRO_NOTIFICATION_HTTP_URL is not set')
    expect(wrong).toThrow('SUIRO_NOTIFICATION_HTTP_HEADERS must be a JSON object')
    expect(wrong).not.toThrow('hidden')
    const odd = () =>
      read({
        SUIRO_NOTIFICATION_TYPE: 'http',
        SUIRO_NOTIFICATION_HTTP_URL: 'https://hooks.example.com/x',
        SUIRO_NOTIFICATION_HTTP_METHOD: 'send it',
        SUIRO_NOTIFICATION_HTTP_HEADERS: '{"Not a name": "x"}',
      })
    expect(odd).toThrow('SUIRO_NOTIFICATION_HTTP_METHOD must be a method')
    expect(odd).toThrow('SUIRO_NOTIFICATION_HTTP_HEADERS must be a JSON object')
  })

  test('name people, on the server of mail> unless there is another', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'suiro-settings-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const file = join(folder, 'body.txt')
    await writeFile(file, '${message}!')
    const env = {
      SUIRO_NOTIFICATION_TYPE: 'mail',
      SUIRO_MAIL_HOST: 'one.example.com',
      SUIRO_MAIL_FROM: 'suiro@example.com',
      SUIRO_NOTIFICATION_MAIL_TO: 'ann@example.com, bob@example.com',
    }
    expect(read(env).notifications?.channel).toMatchObject({
      server: { host: 'one.example.com', port: 587 },
      from: { address: 'suiro@example.com' },
      to: [{ address: 'ann@example.com' }, { address: 'bob@example.com' }],
    })
    const other = {
      SUIRO_NOTIFICATION_MAIL_HOST: 'two.example.com',
      SUIRO_NOTIFICATION_MAIL_FROM: 'alerts@example.com',
      SUIRO_NOTIFICATION_MAIL_BODY_TEMPLATE_FILE: file,
      SUIRO_NOTIFICATION_MAIL_HTML: 'true',
    }
    expect(read({ ...env, ...other }).notifications?.channel).toMatchObject({
      server: { host: 'two.example.com' },
      from: { address: 'alerts@example.com' },
      body: '${message}!',
      html: true,
    })
    const wrong = () =>
      read({
        SUIRO_NOTIFICATION_TYPE: 'mail',
        SUIRO_NOTIFICATION_MAIL_CC: 'nobody',
        SUIRO_NOTIFICATION_MAIL_BODY_TEMPLATE_FILE: join(folder, 'none'),
      })
    for (const name of ['HOST', 'FROM', 'TO', 'CC', 'BODY_TEMPLATE_FILE']) {
      expect(wrong).toThrow(`SUIRO_NOTIFICATION_MAIL_${name}`)
    }
  })

  test('name a command', () => {
    const env = { SUIRO_NOTIFICATION_TYPE: 'shell', SUIRO_NOTIFICATION_SHELL_COMMAND: 'alert' }
    expect(read(env).notifications?.channel).toEqual({
      type: 'shell',
      command: 'alert',
      timeoutMilliseconds: 30_000,
    })
    expect(() => read({ SUIRO_NOTIFICATION_TYPE: 'shell' })).toThrow('SHELL_COMMAND is not set')
  })
})
