import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { parseJson } from '#workflows/domain/json-text.ts'
import { ArchiveTooLarge, ContentTypeUnknown, JsonInvalid } from '../errors.ts'

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
    return parseJson(text)
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

/** More than this of a body that is too large is not even read to its end. */
const mostDrained = 2 ** 30

/**
 * For the routes of one scope: the body is a tar.gz, up to a size. One that is larger is read to its end
 * before it is refused: a client that writes all before it reads would see a broken pipe, not a sentence.
 */
export function acceptArchives(app: FastifyInstance, bodyLimit: number): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    ['application/gzip', 'application/x-gzip'],
    async (_: FastifyRequest, body: IncomingMessage) => {
      let chunks: Buffer[] = []
      let bytes = 0
      for await (const chunk of body as AsyncIterable<Buffer>) {
        bytes += chunk.length
        if (bytes <= bodyLimit) chunks.push(chunk)
        else chunks = []
        if (bytes > mostDrained) break
      }
      if (bytes > bodyLimit) throw new ArchiveTooLarge(bodyLimit)
      return Buffer.concat(chunks)
    },
  )
  refuseOthers(app, 'application/gzip')
}

function refuseOthers(app: FastifyInstance, wanted: string): void {
  app.addContentTypeParser('*', (request, _, done) => {
    done(new ContentTypeUnknown(request.headers['content-type'] ?? '', wanted))
  })
}
