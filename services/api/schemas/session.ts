import { Type, type Static } from 'typebox'
import type { Session as SessionRow } from '#store/types.ts'
import { formatSessionTime } from '#workflows/calendar/index.ts'
import type { SessionId } from '#workflows/domain/ids.ts'
import { LastAttempt, presentLastAttempt } from './attempt.ts'
import { IdAndName, IdOf, IdText, idText, Nullable, ZonedTime } from './common.ts'

export const SessionParams = Type.Object({ id: IdOf<SessionId>('session') })

export const Session = Type.Object(
  {
    id: IdText,
    project: IdAndName,
    workflow: Type.Object({ name: Type.String(), id: Nullable(IdText) }),
    sessionUuid: Type.String(),
    sessionTime: ZonedTime,
    lastAttempt: Nullable(LastAttempt),
  },
  { title: 'Session' },
)

export const presentSession = (session: SessionRow): Static<typeof Session> => ({
  id: idText(session.id),
  project: { id: idText(session.projectId), name: session.projectName },
  workflow: {
    name: session.workflowName,
    id: session.workflowId === null ? null : idText(session.workflowId),
  },
  sessionUuid: session.uuid,
  sessionTime: formatSessionTime(session.sessionTime, session.timezone),
  lastAttempt: session.lastAttempt && presentLastAttempt(session.lastAttempt),
})
