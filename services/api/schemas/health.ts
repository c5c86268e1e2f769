import { Type } from 'typebox'

export const Alive = Type.Object({ status: Type.Literal('ok') }, { title: 'Alive' })

export const Readiness = Type.Object(
  {
    status: Type.Union([Type.Literal('ready'), Type.Literal('not ready')]),
    parts: Type.Record(Type.String(), Type.String(), {
      description: '"ok", or why the part does not answer',
    }),
  },
  { title: 'Readiness' },
)
