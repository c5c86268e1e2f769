/** The `.dig` language, from source texts to task trees: all of it that other folders use. */
export { compileTask, readCalledFile } from './called-file.ts'
export { compileProject } from './compile-project.ts'
export { wrongWorkflowName } from './compile/names.ts'
export { readRetry } from './compile/retry.ts'
export { operatorTable, type OperatorWords } from './operators/table.ts'
export { formatProblem, type Problem } from './problem.ts'
export type { ProjectTexts } from './read/reader.ts'
export { slaMistake } from './sla.ts'
