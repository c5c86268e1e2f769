import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Short files whose tests take minutes: they wait, for a worker that is gone or a job that runs. */
const long = ['harness/restarts/', 'harness/', 'services/embedded/', 'services/api/e2e/']

/** Begins with what takes long, so that nothing of it runs alone at the end; Vitest itself goes by a file's size. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => rank(one) - rank(other))
  }
}

function rank({ moduleId }: TestSpecification): number {
  const place = long.findIndex((folder) => moduleId.includes(`/${folder}`))
  return place === -1 ? long.length : place
}
