/**
 * Reports of which the right answer is known and not given yet, with the kind of the fault. Each is written
 * as a test that must fail: what fixes a fault turns it red, and takes its line out of here.
 */
export const openFaults: Readonly<Record<string, string>> = {}
