import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Store } from '#store/index.ts'
import type { Project } from '#store/types.ts'
import { SecretInvalid, SecretsUnavailable, SecretTooLarge } from '../errors.ts'
import { ErrorAnswer, idText } from '../schemas/common.ts'
import { ProjectParams } from '../schemas/project.ts'
import { Secret, SecretList, SecretParams, SecretRequest } from '../schemas/secret.ts'
import { findProject } from './lookup.ts'

interface Needs {
  readonly store: Store
  /** False: there is no key to encrypt them with. */
  readonly secretsKept: boolean
}

const tags = ['secrets']
const mostBytes = 16 * 1024
const keyForm = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/

export const secretRoutes: FastifyPluginAsyncTypebox<Needs> = async (
  app,
  { store, secretsKept },
) => {
  const checkKey = (key: string): void => {
    if (!keyForm.test(key) || key.length > 255) throw new SecretInvalid(key)
  }
  const answer = (key: string, { id, name }: Project) => ({
    key,
    project: { id: idText(id), name },
  })

  app.get(
    '/api/projects/:id/secrets',
    {
      schema: {
        tags,
        summary: "Keys of a project's secrets",
        params: ProjectParams,
        response: { 200: SecretList, 404: ErrorAnswer },
      },
    },
    async ({ params }) => {
      const { id } = await findProject(store, params.id)
      const keys = await store.secrets.keys(id)
      return { secrets: keys.map((key) => ({ key })) }
    },
  )

  app.put(
    '/api/projects/:id/secrets/:key',
    {
      schema: {
        tags,
        summary: 'Set a secret',
        params: SecretParams,
        body: SecretRequest,
        response: { 200: Secret, 400: ErrorAnswer, 404: ErrorAnswer },
      },
    },
    async ({ params, body }) => {
      checkKey(params.key)
      const bytes = Buffer.byteLength(body.value)
      if (bytes > mostBytes) throw new SecretTooLarge(params.key, bytes, mostBytes)
      const project = await findProject(store, params.id)
      if (!secretsKept) throw new SecretsUnavailable()
      await store.secrets.set(project.id, params.key, body.value)
      return answer(params.key, project)
    },
  )

  app.delete(
    '/api/projects/:id/secrets/:key',
    {
      schema: {
        tags,
        summary: 'Delete a secret; one that is not there is fine',
        params: SecretParams,
        response: { 200: Secret, 400: ErrorAnswer, 404: ErrorAnswer },
      },
    },
    async ({ params }) => {
      checkKey(params.key)
      const project = await findProject(store, params.id)
      await store.secrets.delete(project.id, params.key)
      return answer(params.key, project)
    },
  )
}
