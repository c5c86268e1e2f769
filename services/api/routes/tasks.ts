import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Store } from '#store/index.ts'
import type { TaskId } from '#workflows/domain/ids.ts'
import { NotFound, RequestInvalid, TasksGone } from '../errors.ts'
import { AttemptParams } from '../schemas/attempt.ts'
import { ErrorAnswer, IdOf } from '../schemas/common.ts'
import { CompactTasks, presentCompactTasks, timeZeroOf } from '../schemas/compact-tasks.ts'
import { presentTask, Task } from '../schemas/task.ts'
import { presentTries, TaskWithTries } from '../schemas/task-try.ts'
import { pageBelow, unfold } from '../tasks/fold.ts'
import { treeOf } from '../tasks/tree.ts'
import { instant } from '../time.ts'
import { findAttempt } from './lookup.ts'

const tags = ['attempts']

export const taskRoutes: FastifyPluginAsyncTypebox<{ store: Store }> = async (app, { store }) => {
  app.get(
    '/api/attempts/:id/tasks',
    {
      schema: {
        tags,
        summary: "An attempt's tasks, oldest first, with what they used; right at any time",
        params: AttemptParams,
        response: { 200: Type.Object({ tasks: Type.Array(Task) }), 404: ErrorAnswer },
      },
    },
    async ({ params }) => {
      const attempt = await findAttempt(store, params.id)
      const [tasks, usages] = await Promise.all([
        store.tasks.ofAttempt(attempt.id),
        store.usages.ofAttempt(attempt.id),
      ])
      const used = Map.groupBy(usages, ({ taskId }) => taskId)
      const rounds = new Map<number | null, number>()
      for (const { parentId, round } of tasks) {
        rounds.set(parentId, Math.max(round, rounds.get(parentId) ?? 0))
      }
      return {
        tasks: tasks.map((task) =>
          presentTask(task, attempt, used.get(task.id) ?? [], rounds.get(task.id)),
        ),
      }
    },
  )

  app.get(
    '/api/attempts/:id/tasks/compact',
    {
      schema: {
        tags,
        summary: 'How all tasks of an attempt stand, in little room, and what has changed since',
        description:
          'For those who watch: ask without parameters once, then again and again with the `since` of the answer before. The second kind of answer holds what has changed, structure and states of it; some of it may come again, nothing is missed. Of groups with many children only the first and those that matter are answered, unless `full` is asked for.',
        params: AttemptParams,
        querystring: Type.Object({
          since: Type.Optional(
            Type.String({
              pattern: '^[0-9]{1,19}$',
              description: 'As answered before; everything is answered when it is too old',
            }),
          ),
          full: Type.Optional(
            Type.Boolean({ description: 'All children of all groups, however many' }),
          ),
          expand: Type.Optional(IdOf<TaskId>('group of which a page of children is wanted')),
          after: Type.Optional(IdOf<TaskId>('last child of the page before')),
          count: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 1000,
              description: 'Children in a page; 100 where nothing is said',
            }),
          ),
        }),
        response: { 200: CompactTasks, 400: ErrorAnswer, 404: ErrorAnswer, 410: ErrorAnswer },
      },
    },
    async ({ params, query }) => {
      const { since, full = false, expand, after, count } = query
      if (expand === undefined && (after !== undefined || count !== undefined))
        throw new RequestInvalid('after and count are pages of a group: name it with expand')
      if (expand !== undefined && (since !== undefined || full))
        throw new RequestInvalid(
          'expand answers a page of a group as it is now: ask for it without since and full',
        )
      const attempt = await findAttempt(store, params.id)
      const outline = await store.taskOutlines.ofAttempt(attempt.id, {
        from: timeZeroOf(attempt),
        ...(since === undefined ? {} : { since }),
      })
      const nodes = treeOf(outline.tasks)
      const all = [...nodes.values()]
      if (expand !== undefined) {
        const group = nodes.get(expand)
        if (group === undefined) throw noTask(attempt, expand)
        const page = pageBelow(group, after, count)
        const version = { cursor: outline.cursor, whole: false }
        return { ...presentCompactTasks(attempt, version, page, nodes), next: page.next }
      }
      const shown = outline.whole
        ? unfold(
            all.filter(({ task }) => task.parentId === null),
            !full,
          )
        : { tasks: all.filter(({ touched }) => touched), folded: [] }
      return presentCompactTasks(attempt, outline, shown, nodes)
    },
  )

  app.get(
    '/api/attempts/:id/tasks/:taskId',
    {
      schema: {
        tags,
        summary: 'A task with all its tries: times, errors, logs and jobs of each',
        params: Type.Object({ ...AttemptParams.properties, taskId: IdOf<TaskId>('task') }),
        response: { 200: TaskWithTries, 404: ErrorAnswer, 410: ErrorAnswer },
      },
    },
    async ({ params }) => {
      const attempt = await findAttempt(store, params.id)
      const task = await store.tasks.find(params.taskId)
      if (task?.attemptId !== attempt.id) throw noTask(attempt, params.taskId)
      const [before, files, usages, rounds] = await Promise.all([
        store.taskTries.before(task.id),
        store.logs.ofTask(task.id),
        store.usages.ofTask(task.id),
        store.tasks.rounds(task.id),
      ])
      return {
        ...presentTask(task, attempt, usages, rounds),
        tries: presentTries(task, before, files, usages),
      }
    },
  )
}

const noTask = (
  { id, tasksRemovedAt }: { readonly id: number; readonly tasksRemovedAt: Date | null },
  taskId: TaskId,
): Error =>
  tasksRemovedAt === null
    ? new NotFound(`task id=${taskId} in session attempt id=${id}`)
    : new TasksGone(id, instant(tasksRemovedAt))
