import { pipeline, Readable } from 'node:stream'
import { constants, createGzip } from 'node:zlib'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Store } from '#store/index.ts'
import { NotFound } from '../errors.ts'
import { AttemptParams } from '../schemas/attempt.ts'
import { DirectDownload, ErrorAnswer, gzipAnswer } from '../schemas/common.ts'
import { LogFile, logFileName, presentLogFile, taskOfLogFile } from '../schemas/log.ts'
import { findAttempt } from './lookup.ts'

const tags = ['logs']

export const logRoutes: FastifyPluginAsyncTypebox<{ store: Store }> = async (app, { store }) => {
  app.get(
    '/api/logs/:id/files',
    {
      schema: {
        tags,
        summary: "An attempt's log files, one for each run of a task",
        params: AttemptParams,
        querystring: Type.Object({
          task: Type.Optional(
            Type.String({ description: "Start of the task's full name, e.g. +main+load" }),
          ),
          direct_download: DirectDownload,
        }),
        response: { 200: Type.Object({ files: Type.Array(LogFile) }), 404: ErrorAnswer },
      },
    },
    async ({ params, query }) => {
      const { id } = await findAttempt(store, params.id)
      // A plus that was not escaped in the address arrives as a space; names hold no spaces.
      const files = await store.logs.files(id, query.task?.replaceAll(' ', '+'))
      return { files: files.map(presentLogFile) }
    },
  )

  app.get(
    '/api/logs/:id/files/:fileName',
    {
      schema: {
        tags,
        summary: 'A log file (gzip), as far as it is written',
        description:
          'While the task runs it can be read again and again; it only grows. Whoever follows it asks for what is new, `from` the bytes read so far.',
        params: Type.Object({ ...AttemptParams.properties, fileName: Type.String() }),
        querystring: Type.Object({
          from: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: Number.MAX_SAFE_INTEGER,
              description: 'First byte of the text, uncompressed, that is wanted',
            }),
          ),
        }),
        response: { 200: gzipAnswer('The log as gzip'), 404: ErrorAnswer },
      },
    },
    async ({ params, query, log }, reply) => {
      const { id } = await findAttempt(store, params.id)
      // An attempt may have thousands of files; those of one task are few.
      const files = await store.logs.files(id, taskOfLogFile(params.fileName))
      const file = files.find((candidate) => logFileName(candidate) === params.fileName)
      if (file === undefined) throw new NotFound(`log file ${params.fileName} of attempt id=${id}`)
      // `digdag log -f` asks for the whole file whenever it has grown, so little time is spent on each.
      const zipped = createGzip({ level: constants.Z_BEST_SPEED })
      // One piece at a time, when its reader has taken the last one. An error ends the answer early, which the
      // reader sees: gzip ends with a checksum.
      pipeline(Readable.from(store.logs.pieces(file.id, query.from)), zipped, (error) => {
        const gone = error?.code === 'ERR_STREAM_PREMATURE_CLOSE'
        if (error && !gone)
          log.warn({ err: error, attempt: id }, 'a log file was not read to its end')
      })
      return reply.type('application/gzip').send(zipped)
    },
  )
}
