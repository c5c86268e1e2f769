import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { ContentTypeUnknown, JsonInvalid } from '../errors.ts'

/** Bodies are JSON, or for a push an archive; everything else is refused as Digdag refuses it. */
export function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, bytes, done) => {
    // `kill`, `enable` and `disable` come with or without a body.
    if (bytes.length === 0) return done(null, {})
    try {
      done(null, readJson(bytes as Buffer))
    } catch (error) {
      done(error as Error)
    }
  })
  refuseOthers(app, 'application/json')
}

function readJson(bytes: Buffer): unknown {
  // Read leniently, wrong bytes would silently become other characters.
  if (!isUtf8(bytes)) throw new JsonInvalid('it is not UTF-8')
  const text = bytes.toString().replace(/^\uFEFF/, '')
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new JsonInvalid(where(text, error instanceof Error ? error.message : ''))
  }
}

/** The place of a mistake, without the engine's words: they repeat what was sent, secrets too. */
function where(text: string, message: string): string {
  const [, position] = /at position (\d+)/.exec(message) ?? []
  if (position === undefined) {
    return /end of JSON|unterminated/i.test(message) ? 'it ends too early' : 'its syntax is wrong'
  }
  const before = text.slice(0, Number(position)).split('\n')
  return `its syntax is wrong at line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`
}

/** For the routes of one scope: the body is a tar.gz, up to a size. */
export function acceptArchives(app: FastifyInstance, bodyLimit: number): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    ['application/gzip', 'application/x-gzip'],
    { parseAs: 'buffer', bodyLimit },
    (_, body, done) => done(null, body),
  )
  refuseOthers(app, 'application/gzip')
}

function refuseOthers(app: FastifyInstance, wanted: string): void {
  app.addContentTypeParser('*', (request, _, done) => {
    done(new ContentTypeUnknown(request.headers['content-type'] ?? '', wanted))
  })
}
