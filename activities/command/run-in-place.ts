import type { Config } from '../task/config.ts'
import type { OperatorContext } from '../task/operator.ts'
import { createTail } from './last-lines.ts'
import { outputOf, type Output } from './output-file.ts'
import type { Command, CommandExecutor, Place, PlaceRequest, Running } from './place.ts'

/** The file in which a command may say what it stores. */
export const outputName = 'output.json'

/** What a command says of itself is stored in the database with its task. */
const largestOutput = 16 * 1024 * 1024

/** How a command ended, and what it wrote to its output file. */
export interface CommandEnd {
  readonly code: number
  readonly output: Output
  /** The end of what it printed. */
  readonly printed: string
}

/**
 * Runs the command of a task in a place for it, or waits for the one that a lost worker began. `prepare`
 * puts the files that the command needs, and names it by the place's paths.
 */
export async function runInPlace(
  executor: CommandExecutor,
  asked: PlaceRequest,
  prepare: (place: Place) => Promise<Command>,
): Promise<CommandEnd> {
  const tail = createTail()
  const print: PlaceRequest['print'] = (text) => {
    tail.add(text)
    return asked.print(text)
  }
  const request = { ...asked, print }
  const running = await executor.rejoin(request)
  if (running !== 'gone') {
    const end = await endOf(running, () => running.wait())
    if (end !== 'gone') return { ...end, printed: tail.text() }
    request.signal.throwIfAborted()
    // Who stopped it may not have taken it away.
    return runInPlace(executor, asked, prepare)
  }
  const place = await executor.open(request)
  const end = await endOf(place, async () => place.run(await prepare(place)))
  return { ...end, printed: tail.text() }
}

async function endOf<Code extends number | 'gone'>(
  place: Pick<Running, 'read' | 'close'>,
  run: () => Promise<Code>,
): Promise<Omit<CommandEnd, 'printed'> | Extract<Code, 'gone'>> {
  try {
    const code = await run()
    if (code === 'gone') return 'gone' as Extract<Code, 'gone'>
    return { code, output: outputOf(await place.read(outputName, largestOutput)) }
  } finally {
    await place.close()
  }
}

/** The place of a task's command. */
export const placeRequest = (
  { task, project, print, signal }: OperatorContext,
  config: Config,
  operator: string,
): PlaceRequest => ({
  name: `suiro-${task.sessionUuid}-${task.taskId}`,
  operator,
  task,
  project,
  workdir: config.optionalString('_workdir') ?? '.',
  container: config.optionalObject('docker'),
  outputs: [outputName],
  print,
  signal,
})
