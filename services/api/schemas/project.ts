import { Type, type Static } from 'typebox'
import type { Project as ProjectRow, Revision as RevisionRow } from '#store/types.ts'
import type { ProjectId } from '#workflows/domain/ids.ts'
import { instant } from '../time.ts'
import { ErrorAnswer, IdOf, IdText, idText, Instant, Nullable } from './common.ts'

export const ProjectParams = Type.Object({ id: IdOf<ProjectId>('project') })

export const Project = Type.Object(
  {
    id: IdText,
    name: Type.String(),
    revision: Type.String({ description: 'Name of the latest revision' }),
    createdAt: Instant,
    updatedAt: Instant,
    deletedAt: Nullable(Instant),
    archiveType: Type.String({ examples: ['db'] }),
    archiveMd5: Type.String({ description: "Base64 of the archive's MD5" }),
  },
  { title: 'Project' },
)

export const Revision = Type.Object(
  {
    revision: Type.String(),
    createdAt: Instant,
    archiveType: Type.String(),
    archiveMd5: Type.String(),
    userInfo: Type.Record(Type.String(), Type.Unknown()),
  },
  { title: 'Revision' },
)

/** A mistake, or a doubtful thing, in a pushed project. */
const ProjectProblem = Type.Object(
  {
    code: Type.String(),
    message: Type.String(),
    place: Type.Optional(
      Type.Object({
        file: Type.String(),
        line: Type.Integer(),
        column: Type.Integer(),
        text: Type.String({ description: 'The words of that line' }),
      }),
    ),
    advice: Type.Optional(Type.String({ description: 'How to fix it' })),
  },
  { title: 'Problem' },
)

export const PushedProject = Type.Object(
  { ...Project.properties, warnings: Type.Array(ProjectProblem) },
  { title: 'PushedProject' },
)

export const RejectedProject = Type.Object(
  { ...ErrorAnswer.properties, problems: Type.Optional(Type.Array(ProjectProblem)) },
  { title: 'RejectedProject' },
)

export const PushQuery = Type.Object({
  project: Type.String({ description: "The project's name; a new one is created" }),
  revision: Type.String({ description: 'A name that no earlier revision of the project has' }),
  schedule_from: Type.Optional(
    Type.String({
      description: 'Schedules run sessions from this time on; now if absent',
      examples: ['2026-11-20T00:00:00Z'],
    }),
  ),
  clear_schedule: Type.Optional(
    Type.Union([Type.Array(Type.String()), Type.String()], {
      description: 'Workflows whose schedules forget their last session',
    }),
  ),
  clear_schedule_all: Type.Optional(Type.Boolean({ default: false })),
})

export const presentProject = (project: ProjectRow): Static<typeof Project> => ({
  id: idText(project.id),
  name: project.name,
  revision: project.revision,
  createdAt: instant(project.createdAt),
  updatedAt: instant(project.updatedAt),
  deletedAt: project.deletedAt && instant(project.deletedAt),
  archiveType: 'db',
  archiveMd5: project.archiveMd5,
})

export const presentRevision = (revision: RevisionRow): Static<typeof Revision> => ({
  revision: revision.name,
  createdAt: instant(revision.createdAt),
  archiveType: 'db',
  archiveMd5: revision.archiveMd5,
  userInfo: {},
})
