// @ts-check
/**
 * What `bootstrap.mjs` starts: of each npm script its program, and the file that knows its options and its usage.
 *
 * @type {ReadonlyMap<string, { readonly program: readonly string[], readonly options: string }>}
 */
export const commands = new Map([
  ['start', embedded('start')],
  ['test', embedded('test')],
  ['retention', embedded('retention')],
  ['bench', inFolder('bench')],
  ['conformance', inFolder('conformance')],
  ['histories', inFolder('harness/histories')],
  ['pictures', inFolder('harness/browser')],
  ['statements', inFolder('harness/statements')],
  ['fuzz:api', inFolder('services/embedded/fuzz')],
])

/** @param {string} name */
function embedded(name) {
  return {
    program: ['services/embedded/main.ts', name],
    options: `services/embedded/options/${name}.mjs`,
  }
}

/** @param {string} folder */
function inFolder(folder) {
  return { program: [`${folder}/main.ts`], options: `${folder}/options.mjs` }
}
