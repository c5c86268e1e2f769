import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished, vi } from 'vitest'
import { operatorContext, type TestContext, type TestTask } from '../../testing/operator-context.ts'
import type { PlaceRequest } from '../place.ts'
import { placeRequest } from '../run-in-place.ts'

/** A Docker engine that is played on this machine. */
export interface PlayedDocker {
  readonly folder: string
  /** What `docker` was called with, call by call. */
  calls(): Promise<readonly (readonly string[])[]>
}

/** Puts a program named docker first on the PATH, which plays it until the test ends. */
export async function playDocker(): Promise<PlayedDocker> {
  const folder = await mkdtemp(join(tmpdir(), 'suiro-docker-'))
  const player = fileURLToPath(new URL('../docker/testing/docker.py', import.meta.url))
  const starter = `#!/bin/sh\nexec python3 -S '${player}' '${folder}' "$@"\n`
  await writeFile(join(folder, 'docker'), starter)
  await chmod(join(folder, 'docker'), 0o755)
  vi.stubEnv('PATH', [folder, process.env['PATH']].join(delimiter))
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    await endContainers(folder)
    await rm(folder, { recursive: true, force: true })
  })
  return {
    folder,
    async calls() {
      const text = await readFile(join(folder, 'calls'), 'utf8').catch(() => '')
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as string[])
    },
  }
}

/** As an engine that is taken down; a test that fails leaves nothing to the next. */
async function endContainers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith('container-')) continue
    const { pid } = JSON.parse(await readFile(join(folder, name), 'utf8')) as { pid: number }
    try {
      if (pid > 0) process.kill(-pid, 'SIGKILL')
    } catch {
      // It has just ended.
    }
  }
}

export interface TestRequest extends PlaceRequest {
  readonly context: TestContext
}

/** What a place is asked for by a task of these files; the same `task.identity` is the same task. */
export function requestOf(over: Partial<PlaceRequest> = {}, task: TestTask = {}): TestRequest {
  const context = operatorContext({ secrets: [] }, {}, task)
  return { ...placeRequest(context, context.config, 'sh'), ...over, context }
}
