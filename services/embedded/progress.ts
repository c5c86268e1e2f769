import { Listr } from 'listr2'

/** One thing of several that are done side by side. */
export interface Step {
  readonly title: string
  /** `say` tells in a few words what is going on; answered is what stands there when it is done. */
  readonly run: (say: (text: string) => void) => Promise<string>
}

/** Narrower than this, lines wrap, and a list that is drawn anew over itself becomes unreadable. */
const narrow = 60

interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Whether a list may be drawn and drawn anew; otherwise each event is a line. */
export const canDraw = (
  { isTTY, columns = 80 }: Terminal,
  env: Readonly<Record<string, string | undefined>>,
): boolean =>
  isTTY === true &&
  columns >= narrow &&
  env['TERM'] !== 'dumb' &&
  ['', 'false'].includes(env['CI'] ?? '')

/** Runs all of them to their end, also when one fails, so that all can be stopped; answers what failed. */
export const runSteps = (
  steps: readonly Step[],
  { draws, print }: { readonly draws: boolean; readonly print: (line: string) => void },
): Promise<readonly unknown[]> => (draws ? drawn(steps) : inLines(steps, print))

async function inLines(
  steps: readonly Step[],
  print: (line: string) => void,
): Promise<readonly unknown[]> {
  const ended = await Promise.allSettled(
    steps.map(async ({ title, run }) => {
      let last = ''
      const say = (text: string): void => {
        if (text !== last) print(`${title}: ${text}`)
        last = text
      }
      try {
        print(await run(say))
      } catch (error) {
        say('failed')
        throw error
      }
    }),
  )
  return ended.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []))
}

async function drawn(steps: readonly Step[]): Promise<readonly unknown[]> {
  const failed: unknown[] = []
  const list = new Listr(
    steps.map(({ title, run }) => ({
      title,
      task: async (_: unknown, task: { title: string; output: string }) => {
        try {
          task.title = await run((text) => (task.output = text))
        } catch (error) {
          failed.push(error)
          throw error
        }
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      // Its own would end this process at once, and leave running what has been started.
      registerSignalListeners: false,
      rendererOptions: { collapseErrors: false, showErrorMessage: false },
    },
  )
  await list.run()
  return failed
}
