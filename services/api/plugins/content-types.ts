import type { FastifyInstance } from 'fastify'
import { ContentTypeUnknown, JsonInvalid } from '../errors.ts'

/** Bodies are JSON, or for a push an archive; everything else is refused as Digdag refuses it. */
export function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, text, done) => {
    // `kill`, `enable` and `disable` come with or without a body.
    if (text === '') return done(null, {})
    try {
      done(null, JSON.parse(text as string))
    } catch (error) {
      done(new JsonInvalid(error instanceof Error ? error.message : String(error)))
    }
  })
  refuseOthers(app, 'application/json')
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
