import { Type } from 'typebox'
import type { ProjectId } from '#workflows/domain/ids.ts'
import { IdAndName, IdOf } from './common.ts'

export const SecretParams = Type.Object({
  id: IdOf<ProjectId>('project'),
  key: Type.String({ examples: ['pg.password'] }),
})

export const SecretRequest = Type.Object(
  { value: Type.String({ description: 'Stored encrypted, and never answered', writeOnly: true }) },
  { title: 'SecretRequest', examples: [{ value: 'swordfish' }] },
)

export const Secret = Type.Object({ key: Type.String(), project: IdAndName }, { title: 'Secret' })

export const SecretList = Type.Object({
  secrets: Type.Array(Type.Object({ key: Type.String() })),
})
