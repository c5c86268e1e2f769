/** As much as `echo>` has to do at least. */
export const hello = (): Promise<string> => Promise.resolve('hello')
